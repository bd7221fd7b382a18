"""Previews: what facts not yet recorded would change, asked of the projections and recorded nowhere."""
