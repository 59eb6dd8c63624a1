"""A list of people on its way in: a CSV file to rows (`reading`), each row checked by itself (`checking`)."""
