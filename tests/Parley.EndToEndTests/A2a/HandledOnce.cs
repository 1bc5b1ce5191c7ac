using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary>A program for <c>--exec</c> that writes down every message it is given before it answers with it: what was handled, and how often.</summary>
internal sealed class HandledOnce
{
    private readonly string _log;

    /// <summary>Puts the program into a folder.</summary>
    /// <param name="folder">Where; it exists.</param>
    /// <param name="andThen">Shell commands between the note and the answer.</param>
    public HandledOnce(string folder, string andThen = "")
    {
        Program = Path.Combine(folder, "handler");
        _log = Program + ".log";
        File.WriteAllText(Program, $"#!/bin/sh\nIFS= read -r line\nprintf '%s\\n' \"$line\" >> \"$0.log\"\n{andThen}\nprintf '%s' \"$line\"\n");
        File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(_log, string.Empty);
    }

    /// <summary>What to give as <c>--exec</c>.</summary>
    public string Program { get; }

    /// <summary>How many messages were handled so far.</summary>
    public int Count => Lines().Length;

    /// <summary>Each message and how often it was handled.</summary>
    public Dictionary<string, int> Times() => Lines().GroupBy(line => line).ToDictionary(group => group.Key, group => group.Count());

    /// <summary>Waits until so many messages were handled.</summary>
    public Task UntilAsync(int count, TimeSpan? limit = null) => Deadline.UntilAsync(() => Count >= count, $"{count} handled messages", limit);

    private string[] Lines()
    {
        using var file = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = file.ReadToEnd();
        return text.Length == 0 ? [] : text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
