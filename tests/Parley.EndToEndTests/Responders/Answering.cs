using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Responders;
using Parley.Client.Responders.Exec;
using Parley.Client.Responders.Tools;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.EndToEndTests.Responders;

/// <summary>Short ways to put one message through a real responder.</summary>
internal static class Answering
{
    public const string Sender = "acme.agent-a";

    public static ResponderRequest Request(string text, MessageType type = MessageType.Command) => Request(Encoding.UTF8.GetBytes(text), type);

    public static ResponderRequest Request(byte[] content, MessageType type = MessageType.Command) =>
        new("m1", Sender, "thread-1", type, new Body(content));

    public static ExecResponder Exec(string command, Func<ExecOptions, ExecOptions>? change = null, TimeProvider? time = null)
    {
        var options = new ExecOptions(CommandLine.Parse(command));
        return new ExecResponder(change?.Invoke(options) ?? options, time ?? TimeProvider.System, RandomNumberGenerator.Fill, NullLogger<ExecResponder>.Instance);
    }

    public static ResponderPipeline Pipeline(IResponder responder, Func<ResponderPolicy, ResponderPolicy>? change = null, TimeProvider? time = null)
    {
        var policy = new ResponderPolicy { Senders = SenderPolicy.Of("acme", []) };
        return new ResponderPipeline(responder, change?.Invoke(policy) ?? policy, time ?? TimeProvider.System, NullLogger<ResponderPipeline>.Instance);
    }

    public static ToolBox Tools(params IToolSource[] sources) => new(sources, new ToolLimits(), TimeProvider.System, NullLogger<ToolBox>.Instance);

    public static async Task<Reply> AnswerAsync(IResponder responder, ResponderRequest request, TimeSpan? timeout = null, IAnswerSink? sink = null)
    {
        await using var pipeline = Pipeline(responder, policy => policy with { Timeout = timeout ?? TimeSpan.FromSeconds(30) });
        return await pipeline.AnswerAsync(request, sink ?? new Silence(), TestContext.Current.CancellationToken);
    }

    public static Task<Reply> ShellAsync(string script) => AnswerAsync(Exec("/bin/sh"), Request(script));

    /// <summary>The answer of one whose time is over once it has said something, and no sooner.</summary>
    /// <param name="responder">Who answers; it says something and goes on.</param>
    /// <param name="request">The message.</param>
    /// <param name="readyAsync">What else is waited for first.</param>
    public static async Task<Reply> TimedOutAsync(IResponder responder, ResponderRequest request, Func<Task>? readyAsync = null)
    {
        var (clock, timeout) = (new FakeTimeProvider(), TimeSpan.FromHours(1));
        var sink = new Started(1);
        await using var pipeline = Pipeline(responder, policy => policy with { Timeout = timeout }, clock);
        var answering = pipeline.AnswerAsync(request, sink, TestContext.Current.CancellationToken);
        await sink.Output.Task.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
        await (readyAsync?.Invoke() ?? Task.CompletedTask);
        clock.Advance(timeout);
        return await answering;
    }

    public static string Text(this Reply reply) => reply.Content.ToStringUtf8();

    public static bool IsAlive(int pid) => ReadProcess(pid, "stat") is { } state && !state.Contains(") Z ");

    /// <summary>A file of <c>/proc</c> about a process; null when the process is gone, or goes while it is read.</summary>
    public static string? ReadProcess(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            return null;
        }
    }

    internal sealed class Silence : IAnswerSink;

    /// <summary>Notes that runs began and printed.</summary>
    internal sealed class Started(int runs) : IAnswerSink
    {
        private int _count;

        /// <summary>All runs began.</summary>
        public TaskCompletionSource Both { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Something was printed.</summary>
        public TaskCompletionSource Output { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask PartAsync(Part part, CancellationToken cancellationToken)
        {
            Output.TrySetResult();
            return ValueTask.CompletedTask;
        }

        public ValueTask StartedAsync(CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _count) == runs)
            {
                Both.SetResult();
            }

            return ValueTask.CompletedTask;
        }
    }
}
