"""What every Python client says: the calls of said.mjs, spelled as segment-analytics-python and rudder-sdk-python want them."""

import datetime

consent = {"categoryPreferences": {"personalise": True, "measure": True, "link": True, "advertise": False}}
consent_management = {"allowedConsentIds": ["personalise", "measure", "link"], "deniedConsentIds": ["advertise"]}


def day(n, hour):
    return datetime.datetime(2026, 10, n, hour, 30, 15, 250_000, datetime.timezone.utc)


def say(client, tag, context):
    """`context`: bears the consent; each call gets its own copy, for the clients write into it."""
    for n in (1, 2):
        who = {"user_id": f"{tag}-{n}", "anonymous_id": f"{tag}-browser-{n}"}

        def common(hour):
            return {"context": {**context, "locale": "fr-FR"}, "timestamp": day(n, hour)}

        client.identify(**who, traits={"email": f"{tag}.{n}@Example.org", "city": "Lyon"}, **common(8))
        client.track(**who, event=f"Order {n}", properties={"total": 12.5, "lines": [{"sku": "Été"}]}, **common(9))
        client.page(**who, name="Shop", properties={"path": f"/shop/{n}"}, **common(10))
        client.screen(**who, name="Basket", properties={"step": n}, **common(11))
        client.group(**who, group_id=f"household-{n}", traits={"size": 4}, **common(12))
        client.alias(previous_id=f"{tag}-before-{n}", user_id=f"{tag}-{n}", **common(13))
        client.track(**who, event=f"Now {n}", context={**context})
