using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Parley.Client.Responders.Events;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Exec;

/// <summary>Runs a command per message: the body on standard input, the answer from standard output and from what it leaves in <c>PARLEY_OUT</c>.</summary>
public sealed class ExecResponder : IResponder
{
    // A file of 16 MiB as base64, and room for the line around it.
    private const int MaxEventLineBytes = 24 * 1024 * 1024;
    private const int MaxEventStreamBytes = 64 * 1024 * 1024;
    private readonly ExecOptions _options;
    private readonly TimeProvider _clock;
    private readonly FillRandom _fill;
    private readonly ILogger<ExecResponder> _log;

    /// <summary>Sets up the responder; nothing runs before the first message.</summary>
    /// <param name="options">Command, protocol and limits.</param>
    /// <param name="clock">For the grace of processes that must stop.</param>
    /// <param name="fill">For names of temporary folders.</param>
    /// <param name="log">Ids and codes only.</param>
    public ExecResponder(ExecOptions options, TimeProvider clock, FillRandom fill, ILogger<ExecResponder> log)
    {
        _options = options;
        _clock = clock;
        _fill = fill;
        _log = log;
    }

    /// <inheritdoc/>
    public ResponderTraits Traits => _options.Protocol == ExecProtocol.Text && _options.Command.IsShell ? ResponderTraits.Shell : ResponderTraits.None;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var isEvents = _options.Protocol == ExecProtocol.Events;
        var parent = _options.WorkFolder ?? Path.GetTempPath();
        using var folder = RunFolder.Create(parent, request, _fill, isEvents && RequestPart.ContentIsFile(request), _log);
        await using var process = ProcessGroup.Start(StartOf(request, folder, isEvents), _clock);
        await using var stopping = cancellationToken.Register(process.Stop);

        ResponderEvent? last = null;
        await foreach (var responderEvent in isEvents ? ReadEventsAsync(process.Output) : ReadOutputAsync(process.Output))
        {
            if (responderEvent is ResponderEvent.Completed or ResponderEvent.Failed)
            {
                last = responderEvent;
                break;
            }

            yield return responderEvent;
        }

        var exitCode = await process.EndAsync();
        if (last is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        foreach (var left in OutputFolder.Collect(folder.Output, _options.Limits))
        {
            yield return left;
        }

        yield return last ?? EndOf(exitCode, isEvents);
    }

    private static ResponderEvent EndOf(int? exitCode, bool isEvents) => exitCode switch
    {
        null => new ResponderEvent.Failed(ErrorCode.ResponderFailed, "The command's end could not be observed."),
        0 when isEvents => new ResponderEvent.Completed(),
        _ when isEvents => new ResponderEvent.Failed(ErrorCode.ResponderFailed, $"The responder ended with exit code {exitCode} and without a word."),
        _ => new ResponderEvent.Completed(exitCode),
    };

    private static async IAsyncEnumerable<ResponderEvent> ReadOutputAsync(ChannelReader<OutputChunk> output)
    {
        await foreach (var chunk in output.ReadAllAsync(CancellationToken.None))
        {
            yield return new ResponderEvent.Output(chunk.IsError, new Body(chunk.Bytes));
        }
    }

    private async IAsyncEnumerable<ResponderEvent> ReadEventsAsync(ChannelReader<OutputChunk> output)
    {
        var splitter = new LineSplitter(MaxEventLineBytes);
        var number = 0;
        var total = 0L;
        await foreach (var chunk in output.ReadAllAsync(CancellationToken.None))
        {
            if (chunk.IsError)
            {
                _options.Diagnostics?.Invoke(chunk.Bytes);
                continue;
            }

            total += chunk.Bytes.Length;
            if (total > MaxEventStreamBytes)
            {
                throw new ParleyException(ErrorCode.ResponderFailed, $"The responder wrote more than {MaxEventStreamBytes / (1024 * 1024)} MiB.");
            }

            foreach (var line in splitter.Add(chunk.Bytes.Span))
            {
                if (EventLine.Read(line, ++number) is { } responderEvent)
                {
                    yield return responderEvent;
                }
            }
        }

        foreach (var line in splitter.End())
        {
            if (EventLine.Read(line, ++number) is { } responderEvent)
            {
                yield return responderEvent;
            }
        }
    }

    private ProcessStart StartOf(ResponderRequest request, RunFolder folder, bool isEvents) => new(
        _options.Command.Words,
        ChildEnvironment.Of(Environment.GetEnvironmentVariables(), _options, request, folder),
        "PARLEY_OUT=" + folder.Output,
        isEvents ? RequestJson.ForProcess(request, new RequestPaths(folder.ContentFile, folder.AttachmentFiles, folder.Output)) : request.Content.Bytes,
        // One byte more than the cap, so that the reply knows that there was more.
        (isEvents ? MaxEventStreamBytes : _options.Limits.MaxOutputBytes) + 1);
}
