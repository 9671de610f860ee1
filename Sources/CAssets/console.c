#include "assets.h"

// In C23, and in clang before it was.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char api_js[] = {
#embed "../../web/console/api.js"
};
static const unsigned char app_js[] = {
#embed "../../web/console/app.js"
};
static const unsigned char audience_rows_js[] = {
#embed "../../web/console/audience-rows.js"
};
static const unsigned char charts_js[] = {
#embed "../../web/console/charts.js"
};
static const unsigned char chat_js[] = {
#embed "../../web/console/chat.js"
};
static const unsigned char console_css[] = {
#embed "../../web/console/console.css"
};
static const unsigned char decision_form_js[] = {
#embed "../../web/console/decision-form.js"
};
static const unsigned char dialog_js[] = {
#embed "../../web/console/dialog.js"
};
static const unsigned char dom_js[] = {
#embed "../../web/console/dom.js"
};
static const unsigned char form_js[] = {
#embed "../../web/console/form.js"
};
static const unsigned char format_js[] = {
#embed "../../web/console/format.js"
};
static const unsigned char icon_svg[] = {
#embed "../../web/console/icon.svg"
};
static const unsigned char index_html[] = {
#embed "../../web/console/index.html"
};
static const unsigned char intervals_js[] = {
#embed "../../web/console/intervals.js"
};
static const unsigned char kit_js[] = {
#embed "../../web/console/kit.js"
};
static const unsigned char live_js[] = {
#embed "../../web/console/live.js"
};
static const unsigned char money_js[] = {
#embed "../../web/console/money.js"
};
static const unsigned char notice_js[] = {
#embed "../../web/console/notice.js"
};
static const unsigned char plan_form_js[] = {
#embed "../../web/console/plan-form.js"
};
static const unsigned char planner_js[] = {
#embed "../../web/console/planner.js"
};
static const unsigned char poll_js[] = {
#embed "../../web/console/poll.js"
};
static const unsigned char product_picker_js[] = {
#embed "../../web/console/product-picker.js"
};
static const unsigned char report_evidence_js[] = {
#embed "../../web/console/report-evidence.js"
};
static const unsigned char report_shoppers_js[] = {
#embed "../../web/console/report-shoppers.js"
};
static const unsigned char router_js[] = {
#embed "../../web/console/router.js"
};
static const unsigned char rows_js[] = {
#embed "../../web/console/rows.js"
};
static const unsigned char session_js[] = {
#embed "../../web/console/session.js"
};
static const unsigned char table_js[] = {
#embed "../../web/console/table.js"
};
static const unsigned char variant_rows_js[] = {
#embed "../../web/console/variant-rows.js"
};
static const unsigned char verdict_js[] = {
#embed "../../web/console/verdict.js"
};
static const unsigned char weights_form_js[] = {
#embed "../../web/console/weights-form.js"
};
static const unsigned char pages_agent_js[] = {
#embed "../../web/console/pages/agent.js"
};
static const unsigned char pages_audit_js[] = {
#embed "../../web/console/pages/audit.js"
};
static const unsigned char pages_conversation_js[] = {
#embed "../../web/console/pages/conversation.js"
};
static const unsigned char pages_conversations_js[] = {
#embed "../../web/console/pages/conversations.js"
};
static const unsigned char pages_decisions_js[] = {
#embed "../../web/console/pages/decisions.js"
};
static const unsigned char pages_experiment_js[] = {
#embed "../../web/console/pages/experiment.js"
};
static const unsigned char pages_experiments_js[] = {
#embed "../../web/console/pages/experiments.js"
};
static const unsigned char pages_keys_js[] = {
#embed "../../web/console/pages/keys.js"
};
static const unsigned char pages_plan_experiment_js[] = {
#embed "../../web/console/pages/plan-experiment.js"
};
static const unsigned char pages_product_js[] = {
#embed "../../web/console/pages/product.js"
};
static const unsigned char pages_products_js[] = {
#embed "../../web/console/pages/products.js"
};
static const unsigned char pages_report_js[] = {
#embed "../../web/console/pages/report.js"
};
static const unsigned char pages_settings_js[] = {
#embed "../../web/console/pages/settings.js"
};
static const unsigned char pages_sign_in_js[] = {
#embed "../../web/console/pages/sign-in.js"
};

#define FILE(path, name) {path, name, sizeof name}
static const cassets_file files[] = {
    FILE("api.js", api_js),
    FILE("app.js", app_js),
    FILE("audience-rows.js", audience_rows_js),
    FILE("charts.js", charts_js),
    FILE("chat.js", chat_js),
    FILE("console.css", console_css),
    FILE("decision-form.js", decision_form_js),
    FILE("dialog.js", dialog_js),
    FILE("dom.js", dom_js),
    FILE("form.js", form_js),
    FILE("format.js", format_js),
    FILE("icon.svg", icon_svg),
    FILE("index.html", index_html),
    FILE("intervals.js", intervals_js),
    FILE("kit.js", kit_js),
    FILE("live.js", live_js),
    FILE("money.js", money_js),
    FILE("notice.js", notice_js),
    FILE("plan-form.js", plan_form_js),
    FILE("planner.js", planner_js),
    FILE("poll.js", poll_js),
    FILE("product-picker.js", product_picker_js),
    FILE("report-evidence.js", report_evidence_js),
    FILE("report-shoppers.js", report_shoppers_js),
    FILE("router.js", router_js),
    FILE("rows.js", rows_js),
    FILE("session.js", session_js),
    FILE("table.js", table_js),
    FILE("variant-rows.js", variant_rows_js),
    FILE("verdict.js", verdict_js),
    FILE("weights-form.js", weights_form_js),
    FILE("pages/agent.js", pages_agent_js),
    FILE("pages/audit.js", pages_audit_js),
    FILE("pages/conversation.js", pages_conversation_js),
    FILE("pages/conversations.js", pages_conversations_js),
    FILE("pages/decisions.js", pages_decisions_js),
    FILE("pages/experiment.js", pages_experiment_js),
    FILE("pages/experiments.js", pages_experiments_js),
    FILE("pages/keys.js", pages_keys_js),
    FILE("pages/plan-experiment.js", pages_plan_experiment_js),
    FILE("pages/product.js", pages_product_js),
    FILE("pages/products.js", pages_products_js),
    FILE("pages/report.js", pages_report_js),
    FILE("pages/settings.js", pages_settings_js),
    FILE("pages/sign-in.js", pages_sign_in_js),
};

const cassets_file *cassets_console_file(long place) {
    const long count = sizeof files / sizeof files[0];
    return place >= 0 && place < count ? &files[place] : NULL;
}
