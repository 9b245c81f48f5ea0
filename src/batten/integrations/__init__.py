"""Places where people and their agents work: the MCP server, the language server. Thin, over `batten.api`."""
