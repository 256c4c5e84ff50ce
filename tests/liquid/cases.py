"""What the two engines are asked."""

DATA = {
    "name": "Zoé", "city": "Lyon", "html": "<b>Tom & Jerry's \"x\"</b>", "n": 3, "two": "2", "price": 12.5, "yes": True, "no": False,
    "tags": ["red", "blue", "red"], "list": [3, 1, 2], "words": ["pear", "Apple", "fig"], "empty_list": [], "none": None,
    "items": [{"title": "Shoe", "price": 40, "sale": True}, {"title": "hat", "price": 12.5, "sale": False}, {"title": "Bag", "sale": True}],
    "person": {"first_name": "Ada", "address": {"city": "Paris"}}, "nested": [[1, 2], [3, [4]]], "text": "line one\nline two\r\nthree",
    "spaced": "  a  b ", "day": "2026-03-01T09:05:07", "stamp": 1772355907,
}

PARTS = {"card": "[{{ item }}:{{ n }}{% if forloop %}{{ forloop.index }}{% endif %}{{ name }}]", "plain": "({{ plain }})"}

_NUMBERS = ["0", "1", "-1", "7", "-7", "2.5", "-2.5", "0.5", "1.25", "3.0", "'4'", "'2.5'", "'x'", "nil", "n", "price"]

CASES = [
    # whitespace control
    "a {{- n -}} b", "a {{- n }} b", "a {{ n -}} b", " {%- if yes -%} x {%- endif -%} ", "{% if yes %}  {% endif %}|", "{% if yes -%}  x  {%- endif %}|",
    "{% for i in list %} {% endfor %}|", "{% for i in list %} {% assign a = i %} {% endfor %}{{ a }}", "{% if no %}a{% else %}   {% endif %}|",
    "{% case n %} {% when 3 %} {% endcase %}|", "{% case n %}{% when 3 %} x {% else %} {% endcase %}|", "{% unless no %}\n{% endunless %}|",
    "{% if yes %} {% raw %} {% endraw %}{% endif %}|", "{{-''-}} x", "\n{%- # a comment -%}\n x",
    # raw, comments
    "{% raw %}{{ n }} {% if %}{% endraw %}", "a{% comment %} {{ n }} {% endcomment %}b", "a{%- comment -%} x {%- endcomment -%} b",
    "{% # inline %}x", "{% raw %}{% endraw %}", "{% comment %}{% endcomment %}",
    # truth, nil, blank, empty
    *(f"{{% if {v} %}}yes{{% else %}}no{{% endif %}}" for v in ["nil", "false", "true", "0", "''", "empty_list", "missing", "none", "'x'", "person", "missing.deeper", "n"]),
    *(f"{{% if {v} == {w} %}}yes{{% else %}}no{{% endif %}}" for v in ["''", "' '", "empty_list", "nil", "missing", "false", "0", "tags", "'x'"]
      for w in ["empty", "blank", "nil", "false", "''"] if w != "blank" or v not in ("nil", "missing", "false")),
    "{% if empty == '' %}y{% endif %}", "{% if 1 == 1.0 %}y{% else %}n{% endif %}", "{% if 1 == '1' %}y{% else %}n{% endif %}", "{% if true == 1 %}y{% else %}n{% endif %}",
    "{% if 'a' < 'b' %}y{% endif %}", "{% if nil < 1 %}y{% else %}n{% endif %}", "{% if 2 > nil %}y{% else %}n{% endif %}", "{% if nil <= nil %}y{% else %}n{% endif %}",
    "{% if tags contains 'red' %}y{% endif %}", "{% if 'abc' contains 'b' %}y{% endif %}", "{% if name contains 'é' %}y{% endif %}", "{% if list contains 2 %}y{% endif %}",
    "{% if person contains 'first_name' %}y{% endif %}", "{% if nil contains 'x' %}y{% else %}n{% endif %}", "{% if 'a1' contains 1 %}y{% endif %}",
    "{% if no and no or yes %}y{% else %}n{% endif %}", "{% if yes or no and no %}y{% else %}n{% endif %}", "{% if no or yes and no or yes %}y{% else %}n{% endif %}",
    "{% if n <> 3 %}y{% else %}n{% endif %}", "{% if n != 3 %}y{% elsif n >= 3 %}z{% endif %}",
    # paths
    "{{ person.first_name }}", "{{ person['first_name'] }}", "{{ person.address.city }}", "{{ items[0].title }}", "{{ items[-1].title }}", "{{ items[9].title }}",
    "{{ tags.first }} {{ tags.last }} {{ tags.size }}", "{{ person.size }}", "{{ name.size }}", "{{ tags[n] }}", "{{ list[list[1]] }}", "{{ ['name'] }}", "{{ missing }}",
    "{{ n.missing }}", "{{ tags }}", "{{ yes }} {{ no }} {{ none }}", "{{ (1..3) }}", "{{ (1..n) | join: ',' }}", "{{ 1.0 }} {{ 2.50 }} {{ -3 }}",
    "{{ 'single' }} {{ \"double\" }}", "{{ items.first.title }}", "{{ (2..4).size }} {{ (2..4).first }}", "{{ empty_list.first }}|",
    # assign, capture, counters, cycle
    "{% assign a = 1 %}{{ a }}{% assign a = a | plus: 1 %}{{ a }}", "{% capture c %}x{{ n }}{% endcapture %}{{ c }}{{ c | size }}", "{% assign n = 9 %}{{ n }}",
    "{% increment c %}{% increment c %}{{ c }}", "{% decrement c %}{% decrement c %}{{ c }}", "{% increment n %}{{ n }}", "{% increment a %}{% decrement a %}",
    "{% for i in (1..5) %}{% cycle 'a', 'b' %}{% endfor %}", "{% cycle 'x': 1, 2 %}{% cycle 'y': 1, 2 %}{% cycle 'x': 1, 2 %}", "{% cycle 1, 2 %}{% cycle 1, 2, 3 %}{% cycle 1, 2 %}",
    "{% assign a = tags | join: '-' %}{{ a }}", "{% assign x = missing %}{{ x }}|",
    # for
    "{% for i in list %}{{ i }}{% endfor %}", "{% for i in list reversed %}{{ i }}{% endfor %}", "{% for i in list limit: 2 %}{{ i }}{% endfor %}", "{% for i in list offset: 1 %}{{ i }}{% endfor %}",
    "{% for i in list limit: 1 offset: 1 %}{{ i }}{% endfor %}", "{% for i in list limit:2 reversed %}{{ i }}{% endfor %}", "{% for i in empty_list %}x{% else %}none{% endfor %}",
    "{% for i in missing %}x{% else %}none{% endfor %}", "{% for i in (1..n) %}{{ i }}{% endfor %}", "{% for i in (3..1) %}x{% else %}none{% endfor %}", "{% for p in person.address %}{{ p[0] }}={{ p[1] }}{% endfor %}",
    "{% for i in list %}{{ forloop.index }}{{ forloop.index0 }}{{ forloop.rindex }}{{ forloop.rindex0 }}{{ forloop.first }}{{ forloop.last }}{{ forloop.length }};{% endfor %}",
    "{% for i in list %}{% for j in tags %}{{ forloop.parentloop.index }}{{ forloop.index }} {% endfor %}{% endfor %}", "{% for i in list %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in list %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}|", "{% for i in 'abc' %}[{{ i }}]{% endfor %}", "{% for i in '' %}x{% else %}e{% endfor %}",
    "{% for i in list limit: 1 %}{{ i }}{% endfor %}{% for i in list offset: continue %}{{ i }}{% endfor %}", "{% for i in list limit: n %}{{ i }}{% endfor %}", "{% for i in list limit: '2' %}{{ i }}{% endfor %}",
    "{% for i in list %}{{ i }}{% endfor %}{{ i }}|", "{% for i in list %}{% assign k = i %}{% endfor %}{{ k }}", "{% for i in list, limit: 2, offset: 1 %}{{ i }}{% endfor %}", "{% break %}after", "{% for i in 5 %}x{% else %}e{% endfor %}",
    # tablerow
    "{% tablerow i in list %}{{ i }}{% endtablerow %}", "{% tablerow i in list cols: 2 %}{{ i }}{% endtablerow %}", "{% tablerow i in (1..5) cols:2 limit:3 offset:1 %}{{ i }}{{ tablerowloop.col }}{{ tablerowloop.row }}{% endtablerow %}",
    "{% tablerow i in list cols:3 %}{{ tablerowloop.col_first }}{{ tablerowloop.col_last }}{{ tablerowloop.index }}{% endtablerow %}", "{% tablerow i in empty_list %}{{ i }}{% endtablerow %}",
    # case
    "{% case n %}{% when 3 %}three{% when 4 %}four{% else %}other{% endcase %}", "{% case n %}{% when 1, 3 %}a{% endcase %}", "{% case n %}{% when 1 or 3 %}a{% endcase %}", "{% case city %}{% when 'Lyon' %}l{% else %}e{% endcase %}",
    "{% case missing %}{% when nil %}nil{% else %}e{% endcase %}", "{% case n %}{% when 3 %}a{% when 3 %}b{% endcase %}", "{% case n %} junk {% when 9 %}x{% else %}y{% endcase %}",
    # render, liquid, echo
    "{% render 'card', item: name, n: 2 %}", "{% render 'card' with tags as item %}", "{% render 'card' for list as item %}", "{% render 'plain' with name %}", "{% render 'plain', plain: 'x' %}", "{% for i in list %}{% render 'card', item: i %}{% endfor %}",
    "{% liquid assign a = 3\n echo a | plus: 1\n if a > 2\n echo 'big'\n endif %}", "{% liquid\n for i in list\n echo i\n endfor\n%}", "{% echo n | times: 2 %}", "{% liquid %}", "{% liquid\n # note\n echo 'x'\n comment\n echo 'y'\n endcomment\n%}",
    # errors of both
    "{{ n | nosuch }}", "{% nosuch %}", "{% if %}x{% endif %}", "{% if n %}", "{% for i list %}{% endfor %}", "{{ n | plus }}", "{{ n | divided_by: 0 }}", "{{ n | modulo: 0 }}", "{% endif %}", "{% else %}", "{% render 'nosuch' %}", "{{ n", "{% if n", "{{ n | plus: 1, 2 }}",
    "{{ list | concat: 'x' }}", "{% assign = 3 %}", "{% for i in list limit: 'x' %}{% endfor %}", "{{ n == }}" ,
    # numbers
    *(f"{{{{ {a} | {op}: {b} }}}}" for a in _NUMBERS for b in ["2", "-2", "0.5", "'3'", "n"] for op in ["plus", "minus", "times", "at_least", "at_most"]),
    *(f"{{{{ {a} | {op}: {b} }}}}" for a in ["7", "-7", "8", "0"] for b in ["2", "-2", "3", "-3"] for op in ["divided_by", "modulo"]),
    *(f"{{{{ {a} | divided_by: {b} }}}}" for a in ["7", "1.5", "price"] for b in ["2.0", "0.5", "2.5"]),
    *(f"{{{{ {a} | {op} }}}}" for a in _NUMBERS for op in ["abs", "ceil", "floor", "round"]), "{{ 1.256 | round: 2 }}", "{{ 2.5 | round }} {{ 3.5 | round }} {{ 7 | round: 2 }}", "{{ 0.1 | plus: 0.2 }}", "{{ 1234.567 | round: 1 }}",
    # texts
    *(f"{{{{ {v} | {f} }}}}" for v in ["name", "'HELLO wörld'", "spaced", "html", "text", "missing", "n", "''", "true", "tags"]
      for f in ["upcase", "downcase", "capitalize", "strip", "lstrip", "rstrip", "size", "append: '!'", "prepend: 'x'", "strip_newlines", "url_encode", "base64_encode",
                "truncate: 7", "truncate: 5, ''", "truncatewords: 1", "slice: 1", "slice: -2, 2", "slice: 0, 3", "replace: 'l', 'L'", "remove: 'o'", "default: 'd'"]
      if v not in ("true", "tags") or f.startswith("size")),
    "{{ 'a,b,,c' | split: ',' | size }}", "{{ 'a,b' | split: ',' | last }}", "{{ 'abc' | split: '' | join: '-' }}", "{{ ' a  b ' | split: ' ' | join: '-' }}", "{{ 'x' | split: 'x' | size }}", "{{ '' | split: ',' | size }}",
    "{{ 'a.b.c' | replace_first: '.', '-' }}", "{{ 'a.b.c' | replace_last: '.', '-' }}", "{{ 'a.b.c' | remove_first: '.' }}", "{{ 'a.b.c' | remove_last: '.' }}", "{{ 'abc' | replace: '', '-' }}", "{{ 'nothing' | replace_last: 'z', '-' }}",
    "{{ 'a%20b+c' | url_decode }}", "{{ 'aGk=' | base64_decode }}", "{{ 'a?b>' | base64_url_safe_encode }}", "{{ html | strip_html }}", "{{ '<script>x</script>y<!-- c -->z' | strip_html }}", "{{ '<style>a</style>b' | strip_html }}",
    "{{ text | newline_to_br }}", "{{ 'one two three' | truncatewords: 2, '~' }}", "{{ 'one two three' | truncatewords: 3 }}", "{{ 'one two' | truncate: 3 }}", "{{ 'one two' | truncate: 2 }}", "{{ 'été' | upcase }} {{ 'ÉTÉ' | downcase }} {{ 'œuvre ÿ' | upcase }}",
    "{{ '&lt;a&gt; & b' | escape_once }}", "{{ html | escape }}".replace("html", "'<a> & b'"), "{{ nil | append: 'x' }}",
    # arrays
    "{{ tags | join }}", "{{ tags | join: ', ' }}", "{{ list | join: nil }}|".replace("nil", "''"), "{{ list | sort | join }}", "{{ words | sort | join }}", "{{ words | sort_natural | join }}", "{{ items | sort: 'title' | map: 'title' | join }}", "{{ items | sort_natural: 'title' | map: 'title' | join }}",
    "{{ tags | uniq | join }}", "{{ items | where: 'sale' | map: 'title' | join }}", "{{ items | where: 'sale', false | map: 'title' | join }}", "{{ items | where: 'title', 'hat' | size }}", "{{ items | reject: 'sale' | map: 'title' | join }}",
    "{{ items | reject: 'title', 'hat' | map: 'title' | join }}", "{% assign f = items | find: 'title', 'hat' %}{{ f.price }}", "{{ items | find_index: 'title', 'hat' }}", "{{ items | has: 'title', 'hat' }} {{ items | has: 'title', 'no' }}", "{{ list | sum }}", "{{ items | sum: 'price' }}", "{{ nested | sum }}", "{{ tags | concat: list | join }}",
    "{{ list | reverse | join }}", "{{ list | first }} {{ list | last }}", "{{ empty_list | first }}|", "{{ (1..4) | reverse | join }}", "{{ nested | join: ',' }}", "{{ 'abc' | join: '-' }}", "{{ 'abc' | first }}|", "{{ list | slice: 1, 2 | join }}", "{{ items | uniq: 'sale' | map: 'title' | join }}", "{{ items | map: 'nosuch' | size }}",
    "{{ 5 | size }} {{ nil | size }} {{ person | size }}", "{{ list | size }} {{ name | size }}", "{{ none | default: 1 }} {{ no | default: 2 }} {{ no | default: 2, allow_false: true }} {{ '' | default: 3 }} {{ empty_list | default: 4 }} {{ 0 | default: 5 }}", "{{ words | sort | reverse | first }}", "{{ items | map: 'title' | join: ' & ' }}",
    # dates
    *(f"{{{{ day | date: '{f}' }}}}" for f in ["%Y-%m-%d", "%d/%m/%y", "%H:%M:%S", "%A %d %B", "%a %b %-d", "%j", "%I:%M %p", "%%", "%e", "%y%m%d", "%U %W %w %u", "%G-%V", "%F", "%T", "%D"]), "{{ stamp | date: '%Y-%m-%d %H:%M' }}", "{{ '1772355907' | date: '%F' }}",
    "{{ 'not a date' | date: '%Y' }}", "{{ missing | date: '%Y' }}|", "{{ '2026-03-01' | date: '%A' }}", "{{ '2026-12-31' | date: '%G %V %j' }}", "{{ '2027-01-01' | date: '%G %V %U' }}",
]

# With escaping: theirs is called autoescape, and `| safe` there is `| raw` here.
ESCAPED = [
    "{{ html }}", "{{ html | raw }}", "{{ html | upcase }}", "{{ html | escape }}", "{{ n }} {{ tags }}", "{% capture c %}<i>{{ html }}</i>{% endcapture %}{{ c }}", "{{ html | truncate: 6 }}", "<p>{{ name }}</p>", "{% assign h = html %}{{ h }}",
    "{{ html | strip_html }}", "{{ html | replace: 'Tom', '<i>' }}", "{{ items[0].title | append: html }}", "{% for i in tags %}<{{ i }}>{% endfor %}", "{{ html | url_encode }}", "{{ html | newline_to_br }}",
]

OURS = [
    {"template": "{{ 12.5 | money: 'EUR' }}", "text": "€12.50"}, {"template": "{{ 1234567.891 | money: 'EUR' }}", "language": "fr", "text": "1\u202f234\u202f567,89\u00a0€"}, {"template": "{{ -3 | money: 'USD' }} {{ 5 | money: 'JPY' }} {{ 2 | money: 'SEK' }}", "text": "-$3.00 ¥5 SEK\u00a02.00"},
    {"template": "{{ '2026-08-05' | date: '%A %-d %B %Y' }}", "language": "fr", "text": "mercredi 5 août 2026"}, {"template": "{{ stamp | date: '%H:%M %z' }}", "zone": "Europe/Paris", "text": "10:05 +0100"},
    {"template": "{{ '2026-07-01T10:00:00Z' | date: '%H:%M', 'America/New_York' }}", "text": "06:00"}, {"template": "{{ 'now' | date: '%F' }}", "text": "2026-11-27"}, {"template": "{{ n | plus: 'x' }}{% abort 'not today' %}never", "text": "3"},
    {"template": "a\n  {{ name | upcaze }}", "error": "template:2:13  there is no filter \"upcaze\"; the nearest known is \"upcase\""}, {"template": "{% fro i in list %}", "error": "template:1:4  there is no tag \"fro\"; the nearest known is \"for\""},
    {"template": "{% if n %}", "error": "template:1:6  this block is not closed by {% endif %}"}, {"template": "x\n{{ 3 | divided_by: no }}", "error": "template:2:8  nothing can be divided by 0"}, {"template": "{% for i in (1..999999) %}{{ i }}{% endfor %}", "error": "template:1:7  the template takes more than 100000 steps"},
    {"template": "{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}", "error": "template:1:76  the template makes more than 4194304 bytes on the way"}, {"template": "{{ '<b>' | raw }}{{ '<b>' }}", "escape": True, "text": "<b>&lt;b&gt;"},
    {"template": "{% include 'card' %}", "error": "template:1:4  {% include %} is not supported: {% render \"name\", key: value %} gives a part the values it names"}, {"template": "{% for i in list limit: 0 %}{{ i }}{% else %}none{% endfor %}", "text": "none"}, {"template": "{{ 1 | divided_by: 3.0 }}", "text": "0.333333"},
    {"template": "{{ person }}", "text": "{\"first_name\":\"Ada\",\"address\":{\"city\":\"Paris\"}}"}, {"template": "{% case n %}{% when 3, 3 %}once{% endcase %}", "text": "once"},
    {"template": "{{ 'x' | append: nil }}{{ nil | join }}", "text": "x"}, {"template": "{{ items | map: 'price' | compact | join }}", "text": "40 12.5"}, {"template": "{{ html | append: '<' | slice: -3, 3 }}", "escape": True, "text": "b&gt;&lt;"},
    {"template": "{%- raw -%} {{ x }} {%- endraw -%} y", "text": "{{ x }}y"}, {"template": "{{ nested }}", "text": "1234"}, {"template": "{% if missing == blank and no == blank %}y{% endif %}", "text": "y"},
    {"template": "{% break %}", "error": "template:1:9  {% break %} belongs inside a loop"}, {"template": "{% capture 'q' %}z{% endcapture %}{{ q }}", "text": "z"},
]
