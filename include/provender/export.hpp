#pragma once

/// Marks what the shared library exports; everything else is hidden.
#define PROVENDER_EXPORT [[gnu::visibility("default")]]
