"""What is looked for in text everywhere: secrets, dangerous shell."""
