"""What a clerk types: imported reports, progress reports, inquiries."""
