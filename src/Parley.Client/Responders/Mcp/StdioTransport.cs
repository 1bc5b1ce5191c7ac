using System.Collections;
using Parley.Client.Responders.Events;
using Parley.Client.Responders.Exec;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Mcp;

/// <summary>An MCP server as a child process: a message is a line. It and all that it starts end with this object.</summary>
internal sealed class StdioTransport : IMcpTransport
{
    private const int MaxLineBytes = 16 * 1024 * 1024;

    private readonly ProcessGroup _process;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Action<ReadOnlyMemory<byte>>? _diagnostics;
    private Task _reading = Task.CompletedTask;

    /// <summary>Starts the program.</summary>
    /// <param name="entry">What to start.</param>
    /// <param name="clock">For its end.</param>
    /// <param name="fill">For a mark by which its children are found.</param>
    /// <param name="diagnostics">Hears standard error; null: thrown away.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/> when it cannot be started.</exception>
    public StdioTransport(McpServerEntry entry, TimeProvider clock, FillRandom fill, Action<ReadOnlyMemory<byte>>? diagnostics)
    {
        Span<byte> random = stackalloc byte[16];
        fill(random);
        var marker = "PARLEY_RUN=" + Convert.ToHexStringLower(random);
        var start = new ProcessStart([entry.Command!, .. entry.Arguments], [.. VariablesOf(entry), marker], marker, default, 0) { IsConversation = true };
        _diagnostics = diagnostics;
        _process = ProcessGroup.Start(start with { MaxOutputBytes = int.MaxValue }, clock);
    }

    /// <inheritdoc/>
    public bool AnswersWithinSend => false;

    /// <inheritdoc/>
    public void Start(Action<ReadOnlyMemory<byte>> onMessage, Action onEnd) => _reading = Task.Run(() => ReadAsync(onMessage, onEnd));

    /// <inheritdoc/>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        var writing = WriteAsync(message);
        try
        {
            await writing.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // It does not read: what comes next would stand behind half a line.
            _process.Stop();
            throw;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The MCP server has ended.", exception);
        }
    }

    /// <inheritdoc/>
    public void Agree(string version)
    {
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _reading;
        _writing.Dispose();
    }

    private static IEnumerable<string> VariablesOf(McpServerEntry entry)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (ChildEnvironment.IsPassed(name) && !entry.Environment.ContainsKey(name))
            {
                yield return $"{name}={variable.Value}";
            }
        }

        foreach (var (name, value) in entry.Environment)
        {
            yield return $"{name}={value}";
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> message)
    {
        try
        {
            byte[] line = [.. message.Span, (byte)'\n'];
            await _process.Input.WriteAsync(line, CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync(Action<ReadOnlyMemory<byte>> onMessage, Action onEnd)
    {
        var splitter = new LineSplitter(MaxLineBytes);
        try
        {
            await foreach (var chunk in _process.Output.ReadAllAsync(CancellationToken.None))
            {
                if (chunk.IsError)
                {
                    _diagnostics?.Invoke(chunk.Bytes);
                    continue;
                }

                splitter.Add(chunk.Bytes.Span).ForEach(line => onMessage(line));
            }
        }
        catch (ParleyException)
        {
            // A line without end, or one that is not JSON: nothing that follows can be trusted.
            _process.Stop();
        }

        onEnd();
    }
}
