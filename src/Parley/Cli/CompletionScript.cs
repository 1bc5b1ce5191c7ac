using System.CommandLine;
using System.Text;

namespace Parley.Cli;

/// <summary>Writes completion scripts from the command tree. They are static, so that a press of Tab starts no process.</summary>
internal sealed class CompletionScript(RootCommand root)
{
    /// <summary>For bash 3.2 and newer; file names where nothing of ours fits.</summary>
    public string Bash() => WordTable() +
        """
        _parley() {
            local cur=${COMP_WORDS[COMP_CWORD]} path='' word i
            for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if [ -n "$(_parley_words "$path/$word")" ]; then path="$path/$word"; fi
            done
            COMPREPLY=()
            while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$(_parley_words "$path")" -- "$cur")
        }
        complete -o default -F _parley parley

        """;

    /// <summary>For zsh, as an autoloaded function or sourced.</summary>
    public string Zsh() => "#compdef parley\n" + WordTable() +
        """
        _parley() {
            local path_='' word i
            for ((i = 2; i < CURRENT; i++)); do
                word=${words[i]}
                if [ -n "$(_parley_words "$path_/$word")" ]; then path_="$path_/$word"; fi
            done
            compadd -- ${=$(_parley_words "$path_")} || _files
        }
        if [ "$funcstack[1]" = "_parley" ]; then _parley "$@"; else compdef _parley parley; fi

        """;

    /// <summary>For fish.</summary>
    public string Fish()
    {
        var script = new StringBuilder(
            """
            function __parley_at
                set -l tokens (commandline -opc)
                set -e tokens[1]
                set -l wanted $argv
                set -l path
                for token in $tokens
                    string match -q -- '-*' $token; or set -a path $token
                end
                test (count $wanted) -eq 0; and test (count $path) -eq 0; and return 0
                test (count $path) -ge (count $wanted); and test (count $wanted) -gt 0; and test "$path[1..(count $wanted)]" = "$wanted"
            end

            """);
        foreach (var (path, command) in Walk(root, string.Empty))
        {
            var at = path.Replace('/', ' ').Trim();
            foreach (var inner in command.Subcommands.Where(inner => !inner.Hidden))
            {
                script.Append($"complete -c parley -n '__parley_at {at}' -a {inner.Name} -d {Quote(inner.Description)}\n");
            }

            foreach (var option in OptionsOf(command))
            {
                script.Append($"complete -c parley -n '__parley_at {at}' -l {option.Name.TrimStart('-')} -d {Quote(option.Description)}\n");
            }
        }

        return script.ToString();
    }

    // A shell function from a command's path to the words that may follow it; a path that is no command gives nothing.
    private string WordTable()
    {
        var table = new StringBuilder("_parley_words() {\n    case \"$1\" in\n");
        foreach (var (path, command) in Walk(root, string.Empty))
        {
            var words = command.Subcommands.Where(inner => !inner.Hidden).Select(inner => inner.Name)
                .Concat(command.Arguments.SelectMany(Choices))
                .Concat(OptionsOf(command).Select(option => option.Name));
            table.Append($"        '{path}') printf '%s' '{string.Join(' ', words)}' ;;\n");
        }

        return table.Append("    esac\n}\n").ToString();
    }

    private static IEnumerable<string> Choices(Argument argument) =>
        argument.HelpName is { } name && name.Contains('|', StringComparison.Ordinal) ? name.Split('|').Where(choice => choice.All(char.IsAsciiLetterLower)) : [];

    private IEnumerable<Option> OptionsOf(Command command) =>
        command.Options.Concat(root.Options.Where(option => option.Recursive)).Where(option => !option.Hidden).DistinctBy(option => option.Name);

    private static IEnumerable<(string Path, Command Command)> Walk(Command command, string path) =>
        command.Subcommands.Where(inner => !inner.Hidden).SelectMany(inner => Walk(inner, $"{path}/{inner.Name}")).Prepend((path, command));

    private static string Quote(string? text) => $"'{(text ?? string.Empty).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
