"""Start: `streamlit run app.py`. The application around lib/ui/shell.py; no logic here."""

import streamlit as st

from lib.ui.web import server

app = st.App(
    server.SHELL,
    lifespan=server.lifespan,
    routes=server.routes(),
    middleware=server.middleware(),
    on_script_error=server.on_script_error,
)

if __name__ == "__main__":
    app.run()
