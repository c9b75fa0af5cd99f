"""The words of seeded tickets: Russian and English, rare and common, spread as in a real registry.

Three kinds matter to search. COMMON stands in about half of all tickets, RARE in SEVEN of them at
any size, and models of equipment lie between: a few are met often, most of them hardly ever.
"""

from __future__ import annotations

import random

COMMON = "медленно"
RARE = "теодолит"
RARELY = 7
SYMPTOMS = (
    "Медленно грузятся файлы с нашего сервера", "Медленно открываются страницы биржи",
    "Медленно идёт почта с вложениями", "Медленно: ниже норматива в дневные часы",
    "Обрывы связи по вечерам", "Перерывы в работе канала на прошлой неделе",
    "Files from our own server load slowly", "The line breaks off in the evening",
    "Страницы: медленно и с ошибками", "Пакеты теряются между узлами",
)
PLACES = ("в главном офисе", "на складе", "в торговом зале", "в бухгалтерии", "at the front desk",
          "в переговорной", "на втором этаже", "in the server room")
NOTES = ("Порт коммутатора {model}, кабель проложен по стояку", "За модемом {model}, порт занят",
         "Seen on {model}, the client measured it twice", "Оборудование {model}, питание в норме",
         "Маршрутизатор {model} перезагружали при клиенте")
OPINIONS = ("В целом довольны", "Нас устраивает", "Терпеть это больше нельзя", "It is fine by us",
            "Раньше было лучше")
STEPS = ("Замерю скорость на порту", "Проверю линию с узла", "I measure the line tomorrow",
         "Выезжаю на площадку", "Заменю кабель и перемерю")
BACK = ("Позвоню клиенту и попрошу проверить", "I call the client today")
WRONG = ("Повреждён кабель в стояке", "Порт работал на половинной скорости", "A worn connector")
DONE = ("Кабель заменён", "Порт настроен заново, скорость замерена", "Replaced the connector")
GONE = ("Проверили вместе: теперь быстро", "The client checked: it works")
HOLDS = ("Ждём деталь от поставщика", "Клиент просил приехать после праздников")
FIRST = ("Анна", "Вера", "Галина", "Денис", "Егор", "Иван", "Кирилл", "Лев", "Мария", "Нина",
         "Олег", "Павел", "Рита", "Семён", "Тимур", "Ульяна", "Фёдор", "Юрий", "Яна", "Борис")
LAST = ("Ким", "Орлов-Зимин", "Чернышевич", "Дубко", "Лисенко", "Гончар", "Савич", "Ткач", "Мороз",
        "Бондарь", "Шевчук", "Руденко", "Кравец", "Юхно", "Сорока", "Гайдай", "Яценко", "Палий")
FIRMS = ("Волга", "Заря", "Меркурий", "Полюс", "Сокол", "Тайга", "Факел", "Эталон", "Якорь",
         "Ладога", "Онега", "Кедр", "Гранит", "Вымпел", "Аврора",
         "Байкал", "Восток", "Горизонт", "Диалог",
         "Енисей", "Жемчуг", "Иртыш", "Каскад", "Лотос", "Магнит")
KINDS = ("банк", "завод", "торговый дом", "издательство", "логистика", "клиника", "институт",
         "Trading", "Press", "Systems", "строй", "аптеки", "мебель", "проект", "Foods",
         "Engineering", "типография", "сервис", "турфирма", "страхование")


def a_model(rng: random.Random) -> str:
    """A model of equipment: the first are met often, the thousandth hardly ever."""
    return f"kx{int(rng.paretovariate(0.7)) % 100_000}"


def a_summary(rng: random.Random) -> str:
    """What is wrong, in one line."""
    return f"{rng.choice(SYMPTOMS)} {rng.choice(PLACES)}"


def a_description(rng: random.Random, *, is_rare: bool) -> str:
    """More about it; a rare one holds the rare word."""
    note = rng.choice(NOTES).format(model=a_model(rng))
    return f"{note}; рядом {RARE}" if is_rare else note
