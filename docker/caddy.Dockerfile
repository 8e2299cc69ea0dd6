# The proxy, as an unprivileged user: it listens above 1024, so the program needs no capability of its own.
FROM caddy:2.10-alpine
RUN setcap -r /usr/bin/caddy && chown -R 10001:10001 /data /config && mkdir -p /etc/caddy/sites /etc/caddy/portal
COPY docker/caddy/Caddyfile /etc/caddy/Caddyfile
USER 10001:10001
EXPOSE 8080 8443
