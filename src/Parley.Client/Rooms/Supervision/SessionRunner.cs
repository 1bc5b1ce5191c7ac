using System.Collections;
using System.Text;
using Parley.Client.Responders.Exec;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Rooms.Supervision;

/// <summary>Runs the program that answers: prompt on standard input, <c>A2A_SUPERVISOR_*</c> in its environment, answer from the response file or standard output.</summary>
/// <remarks>The program runs in a session of its own; nothing that it started outlives its run. The room's token is not given to it.</remarks>
/// <param name="plan">Which program.</param>
/// <param name="options">Who the agent is.</param>
/// <param name="time">Clock.</param>
/// <param name="random">For ids of conversations.</param>
public sealed class SessionRunner(RunnerPlan plan, SupervisorOptions options, TimeProvider time, FillRandom random)
{
    private const string Prefix = "A2A_SUPERVISOR_";

    // The answer is cut to what a message may hold anyway; a preset's JSON is longer than the answer in it.
    private const int MaxOutputBytes = 8 * 1024 * 1024;
    private const int MaxResponseBytes = RoomMessage.MaxBytes + 4;

    // A program inside of another one's session behaves differently; the others are secrets of Parley's own.
    private static readonly string[] _withheld = ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "PARLEY_ADMIN_KEY", "A2A_INVITE"];

    private string? _session;

    /// <summary>Whether the program remembers earlier messages by itself.</summary>
    public bool Remembers => plan.Remembers;

    /// <summary>Hears the program's standard error.</summary>
    public Action<ReadOnlyMemory<byte>>? Diagnostics { get; set; }

    /// <summary>Answers one message.</summary>
    /// <param name="folder">Where its files are; the prompt and the message lie there already.</param>
    /// <param name="role">The seat.</param>
    /// <param name="prompt">What goes to standard input.</param>
    /// <param name="cancellationToken">Stops the program and all that it started.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/>; <see cref="ErrorCode.ResponderTimeout"/>.</exception>
    public async Task<RunnerReply> AnswerAsync(SupervisorFolder folder, string role, string prompt, CancellationToken cancellationToken)
    {
        File.Delete(folder.ResponseFile);
        var fresh = _session ?? NewUuid();
        var words = plan.WordsFor(_session, fresh, folder.ResponseFile);
        var marker = $"{Prefix}RUN={Hex(16)}";
        using var late = options.RunnerTimeout is { } limit ? new CancellationTokenSource(limit, time) : new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var start = new ProcessStart(words, EnvironmentFor(folder, role, marker), marker, Encoding.UTF8.GetBytes(prompt), MaxOutputBytes);
        var (output, exitCode) = await RunAsync(start, stop.Token);
        cancellationToken.ThrowIfCancellationRequested();
        if (late.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.ResponderTimeout, "The runner took longer than --runner-timeout allows.");
        }

        if (exitCode != 0)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, exitCode is null ? "The runner could not be stopped." : $"The runner ended with exit code {exitCode}.");
        }

        var reply = plan.Read(output, await ReadResponseAsync(folder.ResponseFile, cancellationToken), fresh);
        if (reply.Text.Length == 0)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The runner gave no answer, neither in the response file nor on standard output.");
        }

        _session = reply.Session;
        return reply;
    }

    private async Task<(string Output, int? ExitCode)> RunAsync(ProcessStart start, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        await using var process = ProcessGroup.Start(start, time);
        await using var stopping = cancellationToken.Register(process.Stop);
        await foreach (var chunk in process.Output.ReadAllAsync(CancellationToken.None))
        {
            if (chunk.IsError)
            {
                Diagnostics?.Invoke(chunk.Bytes);
            }
            else
            {
                output.Write(chunk.Bytes.Span);
            }
        }

        var exitCode = await process.EndAsync();
        return (Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length), exitCode);
    }

    private static async Task<string> ReadResponseAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[(int)Math.Min(file.Length, MaxResponseBytes)];
            var count = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(bytes, 0, count);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return string.Empty;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The runner's response file cannot be read.", exception);
        }
    }

    private List<string> EnvironmentFor(SupervisorFolder folder, string role, string marker)
    {
        var variables = new List<string>();
        foreach (DictionaryEntry own in Environment.GetEnvironmentVariables())
        {
            var name = (string)own.Key;
            if (!_withheld.Contains(name) && !name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                variables.Add($"{name}={own.Value}");
            }
        }

        variables.Add(marker);
        Add("SESSION_DIR", folder.Session.Folder);
        Add("PROMPT_FILE", folder.PromptFile);
        Add("MESSAGE_FILE", folder.MessageFile);
        Add("RESPONSE_FILE", folder.ResponseFile);
        Add("WORKDIR", Environment.CurrentDirectory);
        Add("AGENT_LABEL", options.Label);
        Add("ROLE", role);
        Add("GOAL", options.Goal ?? string.Empty);
        return variables;

        void Add(string name, string value) => variables.Add($"{Prefix}{name}={value.Replace("\0", string.Empty)}");
    }

    private string NewUuid()
    {
        var bytes = new byte[16];
        random(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    private string Hex(int count)
    {
        var bytes = new byte[count];
        random(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
