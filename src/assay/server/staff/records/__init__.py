"""Django's admin at /admin/: looking up what no other page of the staff shows.

It is for auditors, who read, and for superusers, who also give roles and close accounts.
All else is read-only: whatever changes goes through the services, so that rules hold, mails
are sent and the audit log knows. Secrets (digests, keys, pictures, tokens) are shown nowhere.
"""

from assay.server.staff.records import accounts, contents
from assay.server.staff.records.shelving import site

__all__ = ["accounts", "contents", "site"]  # those two put themselves on the site
