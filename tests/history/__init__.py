"""History that can be trusted: complete, sealed, checked, out of reach of the application's role."""
