"""Simulated rows of the documents contract, keyed by the store's columns.

Documents with a due day are made one by one, and what an agency counts by day is counted from them, so that the two datasets agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from datasets.demonstration.public_services import WHOLE_MONTHS, office_days
from datasets.demonstration.row import Row
from datasets.demonstration.world import ONE_DAY, World, count, share
from datasets.model.calendar import ZONE
from datasets.model.contract import Resource

TASK_MONTHS = 8
AXIS_DAYS, MOST_AXIS_DAYS = 7, 60
WARM_UP = timedelta(days=35)
"""Documents are made from so long before the first day, so that the first days have some that fall due."""
DATED = {"office": 4.4, "department": 4.6, "hospital": 2.0, "locality": 2.1}
"""Documents with a due day that an agency gets a working day, by its kind."""
ALL_TO_DATED = 5.5
"""Incoming documents for each one with a due day."""
SILENT = "xa-muong-xen"
"""Simulated to have lost its line to the axis some working days ago."""
SILENT_SINCE = timedelta(days=8)
SUBJECTS = {
    "dau-tu-xay-dung": ("V/v cho ý kiến về chủ trương đầu tư dự án giao thông", "V/v thẩm định thiết kế công trình trường học"),
    "dat-dai-moi-truong": ("V/v giải quyết vướng mắc giải phóng mặt bằng", "V/v kiểm tra việc xử lý rác thải sinh hoạt"),
    "tai-chinh-ngan-sach": ("V/v báo cáo tiến độ giải ngân vốn đầu tư công", "V/v bổ sung kinh phí sự nghiệp"),
    "van-hoa-xa-hoi": ("V/v rà soát hộ nghèo, hộ cận nghèo", "V/v chuẩn bị lễ hội và bảo đảm an toàn cho du khách"),
    "noi-chinh": ("V/v trả lời kiến nghị của cử tri", "V/v giải quyết đơn thư của công dân"),
    "to-chuc-can-bo": ("V/v sắp xếp, bố trí cán bộ không chuyên trách", "V/v cử cán bộ dự lớp bồi dưỡng"),
    "khac": ("V/v góp ý dự thảo văn bản", "V/v cung cấp số liệu báo cáo định kỳ"),
}
TASKS = (
    "Báo cáo kết quả kiểm tra tiến độ các dự án trọng điểm",
    "Tham mưu phương án sắp xếp trụ sở, tài sản công",
    "Trình dự thảo nghị quyết của Hội đồng nhân dân tỉnh",
    "Xử lý kiến nghị của doanh nghiệp sau buổi đối thoại",
    "Xây dựng kế hoạch ứng phó thiên tai",
    "Rà soát, công bố thủ tục hành chính",
    "Kiểm tra, xử lý nội dung báo chí phản ánh",
    "Đề xuất phương án phân bổ kinh phí",
)


@dataclass(frozen=True, slots=True)
class Document:
    """One incoming document with a due day."""

    number: str
    agency: str
    field: str
    subject: str
    received_at: datetime
    due: date
    closed_at: datetime | None
    """None for what was still open when the world ends."""


def dated_documents(world: World, agency: str, first: date) -> Iterator[Document]:
    """Documents with a due day that an agency got from `first` on, in the order of their receipt."""
    calendar = world.reference.calendar
    punctual = world.draw("punctual", agency).uniform(0.9, 0.985)
    pace = world.draw("pace", agency).uniform(0.3, 0.6)
    typical = DATED[world.reference.agencies[agency].kind] * world.scale
    day = first
    while day <= world.until:
        draw = world.draw("dated documents", agency, day)
        for number in range(count(draw, typical) if calendar.is_working_day(day) else 0):
            allowed = draw.choice((2, 3, 5, 5, 7, 7, 10, 15))
            taken = min(allowed, round(allowed * min(1.0, pace * draw.uniform(0.4, 1.7))))
            if draw.random() > punctual:
                taken = allowed + draw.choice((1, 1, 2, 2, 3, 5, 8, 40))
            received = datetime.combine(day, time(7, 30), ZONE) + timedelta(minutes=draw.randint(0, 400))
            closed = datetime.combine(calendar.add_working_days(day, taken), time(16, 30), ZONE) - timedelta(minutes=draw.randint(0, 60))
            closed = max(closed, received + timedelta(minutes=draw.randint(10, 50)))
            field = draw.choice(tuple(SUBJECTS))
            yield Document(
                number=f"{day:%Y%m%d}-{number + 1:03d}",
                agency=agency,
                field=field,
                subject=f"{draw.choice(SUBJECTS[field])} (mô phỏng)",
                received_at=received,
                due=calendar.add_working_days(day, allowed),
                closed_at=closed if closed.date() <= world.until else None,
            )
        day += ONE_DAY


def _publishers(world: World) -> list[str]:
    """Agencies whose documents are simulated: all but hospitals, the Treasury and the newspaper, which keep registers of their own."""
    apart = ("kho-bac-nha-nuoc", "bao-va-phat-thanh-truyen-hinh")
    return [name for name, agency in world.reference.agencies.items() if agency.kind != "hospital" and name not in apart]


def daily(world: World, resource: Resource) -> Iterator[Row]:
    """What each publisher counts on the working days of the last months that are over and of the running one."""
    days = office_days(world)
    for agency in resource.publishers:
        kind = world.reference.agencies[agency].kind
        due: Counter[date] = Counter()
        on_time: Counter[date] = Counter()
        for document in dated_documents(world, agency, days[0] - WARM_UP):
            due[document.due] += 1
            on_time[document.due] += document.closed_at is not None and document.closed_at.date() <= document.due
        draw = world.draw("electronic", agency)
        electronic, signing = draw.uniform(0.9, 1.0), draw.uniform(0.82, 0.99)
        online = draw.uniform(0.84, 0.97) if kind != "locality" else draw.uniform(0.48, 0.8)
        for day in days:
            draw = world.draw("documents", agency, day)
            outgoing = count(draw, DATED[kind] * 4.2)
            sent = share(draw, outgoing, electronic)
            signed_on_axis = share(draw, sent, signing)
            work_files = count(draw, DATED[kind] * 3)
            values = {
                "received": count(draw, DATED[kind] * ALL_TO_DATED),
                "due": due[day],
                "handled_on_time": on_time[day],
                "outgoing": outgoing,
                "sent_on_axis": sent,
                "signed": signed_on_axis + share(draw, outgoing - sent, signing * 0.5),
                "signed_on_axis": signed_on_axis,
                "work_files": work_files,
                "work_files_online": share(draw, work_files, online),
            }
            yield Row(agency, day, {"day": day, "office": agency, "tier": "xa" if kind == "locality" else "tinh", **values})


def incoming_documents(world: World, resource: Resource) -> Iterator[Row]:
    """Documents with a due day that were open on the first of the months that are over or came later, as they stand on the last day."""
    first = world.months(WHOLE_MONTHS)[0]
    for agency in _publishers(world):
        for document in dated_documents(world, agency, first - WARM_UP):
            if document.closed_at is not None and document.closed_at.date() < first:
                continue
            values = {
                "number": document.number,
                "office": agency,
                "field": document.field,
                "subject": document.subject,
                "received_at": document.received_at,
                "due_date": document.due,
                "closed_at": document.closed_at,
            }
            yield Row(resource.owner, world.until, values)


def tasks(world: World, resource: Resource) -> Iterator[Row]:
    """Tasks that the People's Committee gave since the first of the months that are over, as they stand on the last day."""
    calendar = world.reference.calendar
    agencies = [name for name in _publishers(world) if name != resource.owner]
    day, number, year = world.months(TASK_MONTHS)[0], 0, 0
    while day <= world.until:
        draw = world.draw("tasks", day)
        number, year = (number, year) if day.year == year else (0, day.year)
        for _ in range(count(draw, 2.4) if world.is_working_day(day) else 0):
            number += 1
            agency = draw.choice(agencies)
            due = calendar.add_working_days(day, draw.choice((5, 7, 10, 10, 15, 20, 30)))
            is_on_time = draw.random() < world.draw("task punctual", agency).uniform(0.82, 0.99)
            late = calendar.add_working_days(due, draw.choice((2, 5, 10, 40, 60, 90)))
            done = day + (due - day) * draw.uniform(0.4, 1.0) if is_on_time else late
            values = {
                "task": f"NV-{day.year}-{number:04d}",
                "office": agency,
                "content": f"{draw.choice(TASKS)} (mô phỏng)",
                "given_date": day,
                "due_date": due,
                "done_date": done if done <= world.until else None,
                "cutoff_date": world.until,
            }
            yield Row(resource.owner, world.until, values)
        day += ONE_DAY


def axis_activity(world: World, resource: Resource) -> Iterator[Row]:
    """When each agency last used the interconnection axis, as of each of the last days."""
    for day in world.days_back(AXIS_DAYS)[-MOST_AXIS_DAYS:]:
        for agency in world.reference.agencies:
            last, silent = day, 0
            while not _is_active(world, agency, last) and silent < 15:
                silent += world.is_working_day(last)
                last -= ONE_DAY
            draw = world.draw("transfers", agency, day)
            transfers = 1 + count(draw, DATED[world.reference.agencies[agency].kind] * 8) if last == day else 0
            yield Row(
                resource.owner,
                day,
                {"day": day, "office": agency, "last_activity": last, "silent_days": silent, "transfers": transfers},
            )


def _is_active(world: World, agency: str, day: date) -> bool:
    """Whether an agency sends or takes a document on the axis that day."""
    if not world.is_working_day(day) or (agency == SILENT and day > world.until - SILENT_SINCE):
        return False
    return world.draw("axis", agency, day).random() < (0.9 if world.reference.agencies[agency].kind == "locality" else 0.995)


MAKERS = {"daily": daily, "incoming-documents": incoming_documents, "tasks": tasks, "axis-activity": axis_activity}
CASES = {"incoming-documents": "number"}
