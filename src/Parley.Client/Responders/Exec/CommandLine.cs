using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Exec;

/// <summary>A program and its arguments, as <c>--exec</c> names them: POSIX word splitting, nothing expanded (DECISIONS 47).</summary>
/// <remarks>
/// Outside quotes blanks separate words and a backslash makes the next character plain. Single quotes keep everything. Double quotes keep everything but
/// a backslash before <c>$ ` " \</c> or a line break. <c>$</c>, <c>*</c>, <c>|</c> and <c>;</c> mean nothing: who wants them says <c>sh -c '...'</c>.
/// </remarks>
public sealed class CommandLine
{
    private static readonly string[] _shells = ["sh", "bash", "zsh", "dash", "ash", "ksh", "fish", "pwsh", "powershell", "cmd"];

    // Programs that run the program named in their arguments.
    private static readonly string[] _wrappers =
        ["env", "nice", "nohup", "setsid", "timeout", "stdbuf", "ionice", "chrt", "sudo", "doas", "busybox", "unshare", "chroot", "runuser", "su", "flock", "time"];

    private CommandLine(string[] words) => Words = words;

    /// <summary>The program, then its arguments; at least one word.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>True when what arrives on standard input would be run: the program is a shell, or a wrapper around one.</summary>
    public bool IsShell
    {
        get
        {
            var program = BaseName(Words[0]);
            return IsShellName(program) || (_wrappers.Contains(program) && Words.Skip(1).Any(word => IsShellName(BaseName(word))));
        }
    }

    /// <summary>Takes words that are split already: everything after <c>--</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> without a program.</exception>
    public static CommandLine Of(IEnumerable<string> words)
    {
        string[] all = [.. words];
        return all.Length > 0 && all[0].Length > 0 && !all.Any(word => word.Contains('\0'))
            ? new CommandLine(all)
            : throw new ParleyException(ErrorCode.InvalidArgument, "A command names a program, for example --exec /bin/sh.");
    }

    /// <summary>Splits one text into words.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for an open quote, a last backslash or no program.</exception>
    public static CommandLine Parse(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isOpen = false;
        for (var index = 0; index < text.Length; index++)
        {
            switch (text[index])
            {
                case ' ' or '\t' or '\n' or '\r':
                    Close();
                    break;
                case '\\':
                    index = Escape(text, index, word);
                    isOpen = true;
                    break;
                case '\'':
                    index = SingleQuoted(text, index, word);
                    isOpen = true;
                    break;
                case '"':
                    index = DoubleQuoted(text, index, word);
                    isOpen = true;
                    break;
                default:
                    word.Append(text[index]);
                    isOpen = true;
                    break;
            }
        }

        Close();
        return Of(words);

        void Close()
        {
            if (isOpen)
            {
                words.Add(word.ToString());
                word.Clear();
                isOpen = false;
            }
        }
    }

    private static int Escape(string text, int index, StringBuilder word)
    {
        if (index + 1 == text.Length)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The command ends in a backslash.");
        }

        if (text[index + 1] != '\n')
        {
            word.Append(text[index + 1]);
        }

        return index + 1;
    }

    private static int SingleQuoted(string text, int open, StringBuilder word)
    {
        var close = text.IndexOf('\'', open + 1);
        if (close < 0)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The command has a ' that is not closed.");
        }

        word.Append(text, open + 1, close - open - 1);
        return close;
    }

    private static int DoubleQuoted(string text, int open, StringBuilder word)
    {
        for (var index = open + 1; index < text.Length; index++)
        {
            if (text[index] == '"')
            {
                return index;
            }

            if (text[index] == '\\' && index + 1 < text.Length && text[index + 1] is '$' or '`' or '"' or '\\' or '\n')
            {
                index = Escape(text, index, word);
                continue;
            }

            word.Append(text[index]);
        }

        throw new ParleyException(ErrorCode.InvalidArgument, "The command has a \" that is not closed.");
    }

    private static bool IsShellName(string name) => _shells.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string BaseName(string path)
    {
        var name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
    }
}
