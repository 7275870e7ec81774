_longpole_completion() {
    local line IFS=$'\n'
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*) COMPREPLY+=("$(printf %q "${line#*,}")") ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _LONGPOLE_COMPLETE=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F _longpole_completion longpole
