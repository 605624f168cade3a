"""Model calls: prompt, schema, the call itself, its errors and its price."""
