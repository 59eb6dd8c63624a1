# Sourced by the scripts beside it: lets uv use the package sources and certificates that pip is told
# of on this machine (a mirror, a proxy with its own certificate), which uv does not read by itself.

export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}"
export UV_NO_PROGRESS="${UV_NO_PROGRESS:-1}"
export PIP_DISABLE_PIP_VERSION_CHECK=1

# What pip uses for a setting: the environment variable, else its configuration files.
pip_setting() {
    local variable="PIP_${1^^}"
    variable="${variable//-/_}"
    if [ -n "${!variable:-}" ]; then
        echo "${!variable}"
    else
        .venv/bin/python -m pip config get "global.$1" 2>/dev/null || true
    fi
}

carry_over() {
    local value
    if [ -n "${!2:-}" ]; then return; fi
    value="$(pip_setting "$1" | tr '\n' ' ' | sed 's/ *$//')"
    if [ -n "$value" ]; then export "$2=$value"; fi
}

if [ -x .venv/bin/python ]; then
    carry_over index-url UV_DEFAULT_INDEX
    carry_over cert SSL_CERT_FILE
fi
