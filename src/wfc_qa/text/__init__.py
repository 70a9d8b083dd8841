"""Pure functions over text: languages, scripts, sentences, terms, figures."""
