"""The nouns that everything else speaks of. Small modules, frozen structs, no behaviour of their own."""
