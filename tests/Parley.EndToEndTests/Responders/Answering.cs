using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Responders;
using Parley.Client.Responders.Exec;
using Parley.Client.Responders.Tools;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.EndToEndTests.Responders;

/// <summary>Short ways to put one message through a real responder.</summary>
internal static class Answering
{
    public const string Sender = "acme.agent-a";

    public static ResponderRequest Request(string text, MessageType type = MessageType.Command) => Request(Encoding.UTF8.GetBytes(text), type);

    public static ResponderRequest Request(byte[] content, MessageType type = MessageType.Command) =>
        new("m1", Sender, "thread-1", type, new Body(content));

    public static ExecResponder Exec(string command, Func<ExecOptions, ExecOptions>? change = null)
    {
        var options = new ExecOptions(CommandLine.Parse(command));
        return new ExecResponder(change?.Invoke(options) ?? options, TimeProvider.System, RandomNumberGenerator.Fill, NullLogger<ExecResponder>.Instance);
    }

    public static ResponderPipeline Pipeline(IResponder responder, Func<ResponderPolicy, ResponderPolicy>? change = null)
    {
        var policy = new ResponderPolicy { Senders = SenderPolicy.Of("acme", []) };
        return new ResponderPipeline(responder, change?.Invoke(policy) ?? policy, TimeProvider.System, NullLogger<ResponderPipeline>.Instance);
    }

    public static ToolBox Tools(params IToolSource[] sources) => new(sources, new ToolLimits(), TimeProvider.System, NullLogger<ToolBox>.Instance);

    public static async Task<Reply> AnswerAsync(IResponder responder, ResponderRequest request, TimeSpan? timeout = null, IAnswerSink? sink = null)
    {
        await using var pipeline = Pipeline(responder, policy => policy with { Timeout = timeout ?? TimeSpan.FromSeconds(30) });
        return await pipeline.AnswerAsync(request, sink ?? new Silence(), TestContext.Current.CancellationToken);
    }

    public static Task<Reply> ShellAsync(string script, TimeSpan? timeout = null) => AnswerAsync(Exec("/bin/sh"), Request(script), timeout);

    public static string Text(this Reply reply) => reply.Content.ToStringUtf8();

    public static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ");

    internal sealed class Silence : IAnswerSink;
}
