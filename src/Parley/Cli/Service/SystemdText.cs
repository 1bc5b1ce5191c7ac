using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Cli.Service;

/// <summary>Values as systemd reads them: specifiers, variables, quotes and line ends mean nothing more in what comes out (systemd.syntax(7), systemd.service(5)).</summary>
internal static class SystemdText
{
    private const string Plain = "_./:=,@+-";

    /// <summary>One argument of <c>ExecStart</c>.</summary>
    public static string Argument(string text) => Quote(text, doubled: "%$");

    /// <summary>One value of a setting that takes a list, such as <c>Environment</c> and <c>ReadWritePaths</c>: there a dollar is a dollar.</summary>
    public static string Word(string text) => Quote(text, doubled: "%");

    /// <summary>The value of a setting that takes the rest of its line, such as <c>WorkingDirectory</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: a line end cannot be written there.</exception>
    public static string Line(string text) => text.Any(char.IsControl)
        ? throw new ParleyException(ErrorCode.InvalidArgument, "A path with a line end or another control character cannot stand in a unit.")
        : text.Replace("%", "%%", StringComparison.Ordinal);

    private static string Quote(string text, string doubled)
    {
        if (text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || Plain.Contains(character, StringComparison.Ordinal)))
        {
            return text;
        }

        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '\0' => throw new ParleyException(ErrorCode.InvalidArgument, "An argument cannot hold a NUL character."),
                '"' or '\\' => $"\\{character}",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\u007f' => $"\\x{(int)character:x2}",
                _ when doubled.Contains(character, StringComparison.Ordinal) => $"{character}{character}",
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
