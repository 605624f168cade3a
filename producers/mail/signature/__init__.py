"""What stands around a writer's words: signatures, regards, legal footers, gateways' banners."""
