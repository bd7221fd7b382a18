"""The register: assertions of facts, from which any month can be told as known at any position."""
