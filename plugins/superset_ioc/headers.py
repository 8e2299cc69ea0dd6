"""Headers of security: pages may load from this origin only."""

from typing import Any


def content_security_policy(https: bool) -> dict[str, Any]:
    """Talisman's options. Map tiles, fonts and statistics of other hosts, which Superset allows by default, are left out."""
    return {
        "content_security_policy": {
            "base-uri": ["'self'"],
            "default-src": ["'self'"],
            "img-src": ["'self'", "blob:", "data:"],
            "worker-src": ["'self'", "blob:"],
            "connect-src": ["'self'"],
            "object-src": "'none'",
            "style-src": ["'self'", "'unsafe-inline'"],
            "font-src": ["'self'", "data:"],
            "script-src": ["'self'", "'strict-dynamic'"],
            "frame-ancestors": ["'self'"],
            "form-action": ["'self'"],
        },
        "content_security_policy_nonce_in": ["script-src"],
        "referrer_policy": "same-origin",
        "permissions_policy": {"camera": "()", "geolocation": "()", "microphone": "()"},
        "force_https": False,  # the proxy in front redirects
        "strict_transport_security": https,
        "session_cookie_secure": https,
    }
