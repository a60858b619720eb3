"""The page that describes the API, made from its schema.

A page like our others: it needs no script, works on a phone and in the dark, and can be
read out. Programs read the schema itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

Schema = dict[str, Any]
_SHAPES = "#/components/schemas/"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of a type's name."""

    text: str
    is_shape: bool = False  # described on this page


Kind = tuple[Piece, ...]
Words = tuple[tuple[str, bool], ...]  # text, and whether it is code


@dataclass(frozen=True, kw_only=True)
class Field:
    """What a request takes or an answer holds."""

    name: str
    place: str  # in a request: path, query, header, form; else empty
    kind: Kind
    is_required: bool
    description: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request is answered with."""

    status: int
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One request that the API understands."""

    anchor: str
    method: str
    path: str
    description: tuple[Words, ...]  # paragraphs
    needs_token: bool
    fields: tuple[Field, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A JSON value that answers are made of."""

    name: str
    description: Words
    values: tuple[str, ...]  # all that there are, of an enumeration
    fields: tuple[Field, ...]


class Reference(DocsBase):
    """Takes the place of the pages that Ninja brings."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Answer with the page."""
        schema = api.get_openapi_schema(path_params=kwargs)
        seen = {
            "operations": list(operations(schema)),
            "shapes": list(shapes(schema)),
            "schema_url": self.get_openapi_url(api, kwargs),
        }
        return render(request, "api/reference.html", seen)


def operations(schema: Schema) -> Iterator[Operation]:
    """Yield all requests of a schema, in its order."""
    for path, methods in schema["paths"].items():
        for method, found in methods.items():
            yield Operation(
                anchor=found["operationId"],
                method=method.upper(),
                path=path,
                description=tuple(map(words, found.get("description", "").split("\n\n"))),
                needs_token=bool(found.get("security")),
                fields=(*_parameters(found), *_body(found)),
                answers=tuple(
                    Answer(status=int(status), kind=_content(answer))
                    for status, answer in found["responses"].items()
                ),
            )


def shapes(schema: Schema) -> Iterator[Shape]:
    """Yield all values that a schema describes, by name."""
    for name, found in sorted(schema["components"]["schemas"].items()):
        yield Shape(
            name=name,
            description=words(found.get("description", "")),
            values=tuple(found.get("enum", ())),
            fields=tuple(_properties(found, place="")),
        )


def words(text: str) -> Words:
    """Tell code from text, as docstrings do by backticks."""
    return tuple((part, bool(number % 2)) for number, part in enumerate(text.split("`")))


def _parameters(operation: Schema) -> Iterator[Field]:
    for each in operation.get("parameters", ()):
        yield Field(
            name=each["name"],
            place=each["in"],
            kind=kind_of(each["schema"]),
            is_required=each.get("required", False),
            description=each.get("description") or each["schema"].get("description", ""),
        )


def _body(operation: Schema) -> Iterator[Field]:
    """Yield the fields of a form, or the one body that is no form."""
    body = operation.get("requestBody", {})
    for media, content in body.get("content", {}).items():
        if "properties" in content.get("schema", {}):
            yield from _properties(content["schema"], place="form")
        else:
            yield Field(
                name="",
                place="body",
                kind=(Piece(text=media),),
                is_required=body.get("required", False),
                description=body.get("description", ""),
            )


def _properties(schema: Schema, *, place: str) -> Iterator[Field]:
    for name, each in schema.get("properties", {}).items():
        yield Field(
            name=name,
            place=place,
            kind=kind_of(each),
            is_required=name in schema.get("required", ()),
            description=each.get("description", ""),
        )


def _content(answer: Schema) -> Kind:
    for media, content in answer.get("content", {}).items():
        return kind_of(content["schema"]) if "schema" in content else (Piece(text=media),)
    return ()


def kind_of(schema: Schema) -> Kind:
    """Return the name of a type, such as `string (date-time) or null`."""
    if "$ref" in schema:
        return (Piece(text=schema["$ref"].removeprefix(_SHAPES), is_shape=True),)
    for ways in ("anyOf", "allOf"):
        if ways in schema:
            first, *others = (kind_of(each) for each in schema[ways])
            return (*first, *(piece for each in others for piece in (Piece(text=" | "), *each)))
    if schema.get("type") == "array":
        return (Piece(text="["), *kind_of(schema["items"]), Piece(text="]"))
    if isinstance(schema.get("additionalProperties"), dict):
        held = kind_of(schema["additionalProperties"])
        return (Piece(text="{string: "), *held, Piece(text="}"))
    if "format" in schema:
        return (Piece(text=f"{schema['type']} ({schema['format']})"),)
    return (Piece(text=schema.get("type", "any")),)
