#pragma once
int csimdjson_version_major(void);
