from __future__ import annotations

from django.urls import path

from assay.server.enrolment.views import catalogue, identity, orders, webhook

app_name = "enrolment"

urlpatterns = [
    path("exams/", catalogue.exams, name="exams"),
    path("exams/<slug:exam>/", catalogue.exam, name="exam"),
    path("exams/<slug:exam>/register/", catalogue.register, name="register"),
    path("registrations/", orders.mine, name="mine"),
    path("enrolment/orders/<uuid:order_id>/", orders.order, name="order"),
    path("enrolment/orders/<uuid:order_id>/pay/", orders.pay, name="pay"),
    path("enrolment/orders/<uuid:order_id>/paid/", orders.paid, name="paid"),
    path("enrolment/orders/<uuid:order_id>/voucher/", orders.voucher, name="voucher"),
    path("enrolment/orders/<uuid:order_id>/cancel/", orders.cancel, name="cancel"),
    path("enrolment/identity/<uuid:registration_id>/", identity.identity, name="identity"),
    path("enrolment/stripe/webhook", webhook.stripe_event, name="stripe-webhook"),
]
