def pytest_addoption(parser) -> None:
    parser.addoption("--write-permissions", action="store_true", help="write permissions.txt anew")
