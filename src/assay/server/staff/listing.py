"""Long lists on the staff's pages: a page at a time, and the search that they answer."""

from __future__ import annotations

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)


def page_of(request: HttpRequest, rows: QuerySet[Row], *, most: int = 50) -> Page[Row]:
    """Return the page of `rows` that the address asks for; the first, if it asks for none."""
    return Paginator(rows, most).get_page(request.GET.get("page"))


def searched_for(request: HttpRequest, *fields: str) -> dict[str, str]:
    """Return what was typed into the fields of a search; empty where nothing was."""
    return {field: request.GET.get(field, "").strip() for field in fields}


def search_in_address(request: HttpRequest) -> str:
    """Return the search as it stands in the address, for links to its other pages."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
