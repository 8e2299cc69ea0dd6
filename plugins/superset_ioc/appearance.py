"""How numbers, dates and the application itself look."""

from typing import Any

LANGUAGES_SHOWN = {
    "vi": {"flag": "vn", "name": "Tiếng Việt"},
    "en": {"flag": "gb", "name": "English"},
    "fr": {"flag": "fr", "name": "Français"},
}

D3_NUMBERS: dict[str, Any] = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}

D3_TIMES: dict[str, Any] = {
    "dateTime": "%H:%M:%S %d/%m/%Y",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["SA", "CH"],
    "days": ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"],
    "shortDays": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
    "months": [f"Tháng {month}" for month in range(1, 13)],
    "shortMonths": [f"Th{month}" for month in range(1, 13)],
}

REFRESH_INTERVALS = [
    [0, "Không tự làm mới"],
    [10, "10 giây"],
    [30, "30 giây"],
    [60, "1 phút"],
    [300, "5 phút"],
    [1800, "30 phút"],
    [3600, "1 giờ"],
]

RED = "#b3261e"
BLUE = "#1f5fa6"

THEME: dict[str, Any] = {
    "token": {
        "brandAppName": "Toàn Cảnh",
        "brandLogoAlt": "Toàn Cảnh",
        "brandLogoUrl": "/ioc/static/logo.svg",
        "brandLogoMargin": "12px 0",
        "brandLogoHref": "/ioc/home/",
        "brandLogoHeight": "32px",
        "brandSpinnerUrl": "/ioc/static/mark.svg",
        "colorPrimary": BLUE,
        "colorLink": BLUE,
        "colorError": RED,
        "colorWarning": "#b86e00",
        "colorSuccess": "#2e7d4f",
        "colorInfo": BLUE,
        "fontUrls": [],
        "fontFamily": "Inter, 'Be Vietnam Pro', 'Noto Sans', Arial, sans-serif",
        "fontFamilyCode": "'IBM Plex Mono', 'Noto Sans Mono', monospace",
        "transitionTiming": 0.2,
        "brandIconMaxWidth": 180,
        "fontSizeXS": "8",
        "fontSizeXXL": "28",
        "fontWeightNormal": "400",
        "fontWeightLight": "300",
        "fontWeightStrong": "500",
        "fontWeightBold": "700",
        "colorEditorSelection": "#fff5cf",
    },
    "algorithm": "default",
    # Buttons beside the legend that choose all lines or the others: they are cut off where the legend fills the chart's width.
    "echartsOptionsOverrides": {"legend": {"selector": False}},
}

LINES_SCHEME: dict[str, Any] = {
    "id": "toanCanh",
    "description": "Lines and columns of Toàn Cảnh: told apart by the colour-blind, and none of them one of the states' colours",
    "label": "Toàn Cảnh",
    "isDefault": True,
    "colors": [BLUE, "#d97a1e", "#6b4fa3", "#1a8c94", "#b84a7d", "#6b7f93", "#8a6d3b", "#5b9bd5", "#f0b66b", "#a99bd1"],
}
"""The first is the colour of a tile's course and of a season's last year, so that one indicator keeps its colour down the page."""
