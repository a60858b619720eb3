from __future__ import annotations

from django.urls import path

from assay.server.staff.views import (
    announcements,
    appeals,
    identity,
    orders,
    pages,
    registrations,
    regrades,
    sittings,
    submissions,
    vouchers,
)

app_name = "staff"

urlpatterns = [
    path("staff/", pages.overview, name="overview"),
    path("staff/audit/", pages.audit, name="audit"),
    path("staff/identity/", identity.queue, name="identity"),
    path("staff/identity/<uuid:check_id>/", identity.decide, name="decide"),
    path("staff/identity/<uuid:check_id>/<slug:kind>/", identity.picture, name="picture"),
    path("staff/sittings/", sittings.live, name="live"),
    path("staff/sittings/stop/", sittings.stop, name="stop"),
    path("staff/sittings/resume/", sittings.resume, name="resume"),
    path("staff/sittings/<uuid:sitting_id>/time/", sittings.add_time, name="add-time"),
    path("staff/registrations/", registrations.found, name="registrations"),
    path("staff/registrations/new/", registrations.new, name="new-registration"),
    path("staff/registrations/make/", registrations.make, name="make-registration"),
    path(
        "staff/registrations/<uuid:registration_id>/",
        registrations.registration,
        name="registration",
    ),
    path(
        "staff/registrations/<uuid:registration_id>/validity/",
        registrations.extend,
        name="extend",
    ),
    path(
        "staff/registrations/<uuid:registration_id>/accommodations/",
        registrations.accommodate,
        name="accommodate",
    ),
    path("staff/registrations/<uuid:registration_id>/void/", registrations.void, name="void"),
    path("staff/vouchers/", vouchers.batches, name="vouchers"),
    path("staff/vouchers/new/", vouchers.new, name="new-vouchers"),
    path("staff/vouchers/make/", vouchers.make, name="make-vouchers"),
    path("staff/vouchers/find/", vouchers.find, name="find-voucher"),
    path("staff/vouchers/<int:batch_id>/", vouchers.batch, name="batch"),
    path("staff/vouchers/<int:batch_id>/export/", vouchers.export, name="export-vouchers"),
    path("staff/vouchers/<int:batch_id>/off/", vouchers.switch_off, name="voucher-off"),
    path("staff/orders/", orders.found, name="orders"),
    path("staff/orders/<uuid:order_id>/", orders.order, name="order"),
    path("staff/orders/<uuid:order_id>/refund/", orders.refund, name="refund"),
    path("staff/announcements/", announcements.listed, name="announcements"),
    path("staff/announcements/write/", announcements.write, name="announce"),
    path(
        "staff/announcements/<int:announcement_id>/withdraw/",
        announcements.withdraw,
        name="withdraw-announcement",
    ),
    path("staff/submissions/", submissions.found, name="submissions"),
    path("staff/submissions/<uuid:submission_id>/", submissions.submission, name="submission"),
    path("staff/submissions/<uuid:submission_id>/file/", submissions.file, name="submission-file"),
    path(
        "staff/submissions/<uuid:submission_id>/regrade/",
        regrades.regrade_submission,
        name="regrade-submission",
    ),
    path("staff/sittings/<uuid:sitting_id>/", submissions.sitting, name="sitting"),
    path("staff/sittings/<uuid:sitting_id>/regrade/", regrades.regrade_slot, name="regrade-slot"),
    path("staff/sittings/<uuid:sitting_id>/decide/", regrades.decide, name="decide-regrades"),
    path("staff/regrades/", regrades.regrades, name="regrades"),
    path("staff/regrades/item/", regrades.regrade_item, name="regrade-item"),
    path("staff/appeals/", appeals.queue, name="appeals"),
    path("staff/appeals/<uuid:appeal_id>/", appeals.appeal, name="appeal"),
    path("staff/appeals/<uuid:appeal_id>/score/", appeals.score, name="score-appeal"),
    path("staff/appeals/<uuid:appeal_id>/answer/", appeals.answer, name="answer-appeal"),
]
