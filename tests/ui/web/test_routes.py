from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.ui.web.routes import routes


def test_a_link_to_start_leads_to_the_root_and_keeps_the_workbook() -> None:
    client = TestClient(Starlette(routes=routes()), follow_redirects=False)
    assert client.get("/start?workbook=abc").headers["location"] == "/?workbook=abc"
    assert client.get("/start").headers["location"] == "/"
