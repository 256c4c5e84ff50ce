"""Webhooks of shops: the files of house/hooks against payloads shaped as the shops document them, signed as the shops sign."""

import base64
import hashlib
import hmac
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from house import ROOT, House

PAYLOADS = pathlib.Path(__file__).parent / "shops"
SECRET = b"hush-hush"


class Shops(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.house.definitions = pathlib.Path(shutil.copytree(ROOT / "house/disquaire", cls.house.root / "house"))
        hooks = cls.house.definitions / "hooks"
        shutil.copytree(ROOT / "house/hooks", hooks)
        for shop in ("shopify", "woocommerce", "prestashop"):
            (hooks / f"{shop}.secret").write_bytes(b"old-secret\n" + SECRET + b"\n")
            (hooks / f"{shop}.key").write_text("wk_demo_shop\n")
        cls.house.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0
        cls.house.folder.cleanup()

    def post(self, shop, topic, body, signature=None, secret=SECRET):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        digest = hmac.new(secret, raw, hashlib.sha256).digest()
        names = {
            "shopify": ("X-Shopify-Hmac-Sha256", "X-Shopify-Topic"), "woocommerce": ("X-WC-Webhook-Signature", "X-WC-Webhook-Topic"),
            "prestashop": ("X-Hospes-Signature", "X-Hospes-Topic"),
        }[shop]
        made = digest.hex() if shop == "prestashop" else base64.b64encode(digest).decode()
        headers = {names[1]: topic}
        if signature != "":
            headers[names[0]] = signature or made
        return self.house.post(f"/v1/hooks/{shop}", raw, key=None, headers=headers)

    def payload(self, name):
        return (PAYLOADS / name).read_bytes()

    def event(self, message):
        self.house.settle()
        status, text = self.house.get(f"/v1/events/{message}?source=shop")
        return json.loads(text)["found"][0] if status == 200 else None

    def test_shopify_orders_refunds_and_answers(self):
        self.assertEqual(self.post("shopify", "orders/paid", self.payload("shopify_order_paid.json"))[0], 200)
        self.assertEqual(self.post("shopify", "orders/paid", self.payload("shopify_order_paid.json"))[0], 200, "a delivery may come twice")
        paid = self.event("shopify-order-450789469-paid")
        self.assertEqual((paid["event"], paid["times"]["happened"]), ("Order Completed", "2026-01-10T16:00:05Z"))
        text = json.dumps(paid)
        for part in ('"total": 409.94', '"tax": 11.94', '"EUR"', "#1001", "655441491", "IPOD2008GREEN"):
            self.assertIn(part, text)
        person = self.house.profile("user_id:207119551")
        self.assertEqual(person["timeline_size"], 1)
        self.post("shopify", "orders/updated", self.payload("shopify_order_refunded.json"))
        refunded = self.event("shopify-order-450789469-refunded")
        self.assertEqual(refunded["event"], "Order Refunded")
        self.assertIn('"total": 409.94', json.dumps(refunded), "the sum of all transactions of all refunds")
        self.assertEqual(self.post("shopify", "customers_email_marketing_consent/update", self.payload("shopify_consent.json"))[0], 200)
        self.house.settle()
        permissions = {p["purpose"]: p for p in self.house.profile("email:bob@shopify.example")["permissions"]}
        self.assertEqual(permissions["contact:email"]["state"], "given")

    def test_woocommerce_guest_order(self):
        order = self.payload("woocommerce_order.json")
        self.assertEqual(self.post("woocommerce", "order.created", order)[0], 200)
        self.assertEqual(self.post("woocommerce", "order.updated", order)[0], 200)
        paid = self.event("woocommerce-order-727-paid")
        self.assertEqual((paid["event"], paid["times"]["happened"]), ("Order Completed", "2026-01-10T16:28:08Z"))
        self.assertEqual(self.house.profile("email:jeanne@woo.example")["timeline_size"], 1, "two topics, one order")
        self.assertIsNone(self.house.profile("user_id:0"))
        cancelled = {**json.loads(order), "status": "cancelled"}
        self.post("woocommerce", "order.updated", cancelled)
        self.assertEqual(self.event("woocommerce-order-727-cancelled")["event"], "Order Cancelled")
        self.assertEqual(self.post("woocommerce", "order.created", b"webhook_id=12", signature=""), (200, b"{}"), "its unsigned ping")

    def test_prestashop_local_times_and_a_newsletter(self):
        self.assertEqual(self.post("prestashop", "order", self.payload("prestashop_order.json"))[0], 200)
        paid = self.event("prestashop-order-6-paid")
        self.assertEqual(paid["times"]["happened"], "2026-01-10T13:05:00Z", "14:05 in Paris")
        self.assertIn('"total": 61.8', json.dumps(paid))
        status, text = self.post("prestashop", "customer", self.payload("prestashop_customer.json"))
        self.assertEqual((status, json.loads(text)["accepted"]), (200, 2), text)
        self.house.settle()
        permissions = {p["purpose"]: p for p in self.house.profile("email:pub@presta.example")["permissions"]}
        self.assertEqual(permissions["contact:email"]["state"], "given")

    def test_signatures(self):
        order = self.payload("shopify_order_paid.json")
        self.assertIn(b"X-Shopify-Hmac-Sha256 is missing", self.post("shopify", "orders/paid", order, signature="")[1])
        for signature in ("x", "A" * 44, base64.b64encode(hmac.new(b"other", order, hashlib.sha256).digest()).decode()):
            status, text = self.post("shopify", "orders/paid", order, signature=signature)
            self.assertEqual((status, b"does not fit the body" in text), (401, True))
        changed = order.replace(b"409.94", b"509.94")
        right = base64.b64encode(hmac.new(SECRET, order, hashlib.sha256).digest()).decode()
        self.assertEqual(self.post("shopify", "orders/paid", changed, signature=right)[0], 401)
        self.assertEqual(self.post("shopify", "nothing/known", order, secret=b"old-secret"), (200, b'{"ignored":"nothing/known"}'), "a secret on its way out")
        self.assertEqual(self.house.post("/v1/hooks/nobody", b"{}", key=None)[0], 404)

    def test_payloads_that_lack_what_the_row_needs(self):
        status, text = self.post("shopify", "orders/paid", {"id": 1})
        self.assertEqual(status, 422)
        self.assertIn(b'hooks/shopify.toml, topic "orders/paid": the payload has no time at processed_at', text)
        self.assertEqual(self.post("shopify", "orders/paid", b"[]")[0], 422)
        self.assertEqual(self.post("shopify", "orders/paid", b"{")[0], 422)
        status, text = self.post("shopify", "orders/paid", {"id": 2, "processed_at": "2026-01-10T11:00:05-05:00"})
        self.assertIn(b"nobody is named", text)

    def test_a_hook_file_that_is_wrong_keeps_the_house_closed_and_says_where(self):
        for text, said in (
            ('source = "shop"\nsignatur = "X"\n', 'hooks/bad.toml:2: unknown key "signatur"; the nearest known is "signature"'),
            ('source = "shop"\n', "signature is missing"),
            ('source="shop"\nsignature="X"\ntopic="T"\nsecret_file="none"\nkey_file="none"\n[[on]]\ntopic="t"\nevent="E"\nmessage_id="{id}"\nuser_id="u"\n', "holds no secret"),
        ):
            with tempfile.TemporaryDirectory() as folder:
                house = House()
                house.definitions = pathlib.Path(shutil.copytree(ROOT / "house/disquaire", pathlib.Path(folder) / "house"))
                (house.definitions / "hooks").mkdir()
                (house.definitions / "hooks/bad.toml").write_text(text)
                words = [house.binary, "serve", "--config", str(house.config)]
                for setting in house.settings():
                    words += ["--set", setting]
                ran = subprocess.run(words, capture_output=True, text=True, timeout=30)
                self.assertIn(said, ran.stderr)
                self.assertNotEqual(ran.returncode, 0)
                house.folder.cleanup()


if __name__ == "__main__":
    unittest.main()
