"""All Streamlit code, and the HTTP routes beside it."""
