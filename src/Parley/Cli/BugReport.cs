using System.Text;
using Parley.Client.Config;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Cli;

/// <summary>Tells of a defect. The text of an exception may quote content, so it goes to a private file and not to the screen.</summary>
internal static class BugReport
{
    private const string FileName = "last-bug.txt";

    /// <summary>Writes the file, and one line that names it.</summary>
    /// <param name="terminal">Where the line goes.</param>
    /// <param name="openHome">The home that the file goes into.</param>
    /// <param name="exception">What nobody had thought of.</param>
    /// <param name="what">What the line begins with.</param>
    public static void Tell(Terminal terminal, Func<HomeFolder> openHome, Exception exception, string what)
    {
        try
        {
            var path = openHome().PathOf(FileName);
            SecretFile.Write(path, Encoding.UTF8.GetBytes(exception.ToString()));
            terminal.Note($"{what}a defect of Parley's: {exception.GetType().Name}; the details are in {path}");
        }
        catch (Exception unwritable) when (unwritable is ParleyException or IOException or UnauthorizedAccessException)
        {
            terminal.Note($"{what}a defect of Parley's: {exception.GetType().Name}; its details could not be saved");
        }
    }
}
