"""Deliveries, receipts and access of the operations centre."""
