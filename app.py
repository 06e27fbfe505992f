"""Start: `streamlit run app.py`. The application around lib/ui/shell.py; no logic here."""

from lib.ui.server import build

app = build()

if __name__ == "__main__":
    app.run()
