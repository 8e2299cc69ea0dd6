#!/usr/bin/env bash
# Databases and login roles, made once when the cluster is new (the same as control/services/postgres.py makes).
set -euo pipefail
psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres --quiet <<'SQL'
\getenv ckan CKAN_DATABASE_PASSWORD
\getenv superset SUPERSET_DATABASE_PASSWORD
\getenv owner STORE_OWNER_PASSWORD
\getenv loader STORE_LOADER_PASSWORD
\getenv desk STORE_DESK_PASSWORD
CREATE ROLE ckan LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'ckan';
CREATE ROLE superset LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'superset';
CREATE ROLE ioc_owner LOGIN NOSUPERUSER NOCREATEDB CREATEROLE PASSWORD :'owner';
CREATE ROLE ioc_loader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'loader';
CREATE ROLE ioc_desk LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'desk';
CREATE DATABASE ckan OWNER ckan;
CREATE DATABASE superset OWNER superset;
CREATE DATABASE ioc OWNER ioc_owner;
REVOKE ALL ON DATABASE ckan, superset, ioc FROM PUBLIC;
\connect ioc
CREATE EXTENSION IF NOT EXISTS postgis;
\i /etc/toan-canh/closed_catalogue.sql
SQL
