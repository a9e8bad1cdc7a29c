#include "server/reference_page.h"

#include <string>
#include <string_view>

#include "server/option.h"
#include "server/text.h"

namespace varve::server {
namespace {

constexpr std::string_view Head =
    R"(<!-- Written by `./dev docs` from the option table in src/server. Edit the table. -->

# Configuration

Varve reads a YAML file, then the environment, then flags; the last one that speaks wins. Keys are
lakeFS's where lakeFS has one, so its file starts Varve unchanged.

| What | How |
|---|---|
| File | `--config FILE`; else the first of `./config.yaml`, `~/.varve/config.yaml`, `~/.lakefs/config.yaml`, `/etc/varve/config.yaml`, `/etc/lakefs/config.yaml`, `~/.lakefs.yaml` |
| Environment | `VARVE_` and the key in upper case with `_` for `.`; then `LAKEFS_` in the same form. `VARVE_DATABASE_TYPE=local` |
| Flag | `--` and the key: `--database.type local` |
| Presets | `--local-settings` chooses the embedded stores; `--quickstart` also makes a known user and key; both listen on this machine only unless told otherwise |
| Unknown keys | are errors that name the nearest key |
| Durations | `300ms`, `10s`, `1h30m` |
| Lists | YAML lists, or text with commas, or `["a","b"]` |
| Paths | `~` is the home folder |

A key marked *no effect* is accepted because lakeFS has it; setting it logs a warning. A key marked
*not built* asks for something this version cannot do; any value but the default is refused.
)";

std::string_view section_of(std::string_view key) { return key.substr(0, key.find('.')); }

std::string cell_default(const Option& option) {
  if (option.is_required) return "required";
  if (option.initial.empty()) return "";
  return "`" + std::string(option.initial) + "`";
}

std::string cell_meaning(const Option& option) {
  std::string text(option.text);
  if (!option.choices.empty()) {
    text += " One of " + join(split(option.choices, ','), ", ") + ".";
  }
  if (!option.choices_unbuilt.empty()) {
    text += " Not built: " + join(split(option.choices_unbuilt, ','), ", ") + ".";
  }
  if (option.is_secret) text += " *Secret.*";
  if (option.support == Support::Ignored) text += " *No effect.*";
  if (option.support == Support::Unbuilt) text += " *Not built.*";
  return text;
}

std::string row(const Option& option) {
  std::string type(to_string(option.type));
  if (!option.unit.empty()) type += ", " + std::string(option.unit);
  return "| `" + std::string(option.key) + "` | " + type + " | " + cell_default(option) + " | " +
         cell_meaning(option) + " |\n";
}

}  // namespace

std::string reference_page() {
  std::string page(Head);
  std::string_view section;
  for (const Option& option : options()) {
    if (section_of(option.key) != section) {
      section = section_of(option.key);
      page += "\n## " + std::string(section) +
              "\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
    }
    page += row(option);
  }
  return page;
}

}  // namespace varve::server
