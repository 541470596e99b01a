"""The graph of a project as text, SVG, Mermaid and DOT."""
