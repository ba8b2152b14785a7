"""Pages as HTML, made from the templates beside this file."""

import os
from typing import Any


def render(template: str, **values: Any) -> str:
    """The page that a template gives with these values. What is no markup in them is escaped.

    The pages need no other file, no network and no script.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(os.path.dirname(__file__)),
        autoescape=True,
        undefined=StrictUndefined,
    )
    page: str = environment.get_template(template).render(**values)
    return page
