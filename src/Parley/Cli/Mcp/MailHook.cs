using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.Mcp;

/// <summary><c>parley mcp --mail-hook</c>: looks into this agent's mailbox and prints, as a client's hooks do, what its model is to know. It reads nothing and marks nothing.</summary>
internal static class MailHook
{
    private const string MemoryName = "mail-hook.json";

    // A hook holds its client up.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs it. Whatever fails, the client goes on: 2 would make it stop what it does.</summary>
    public static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var hook = MailNotice.Read(context.Terminal.Traits.IsInputTerminal ? string.Empty : await context.Terminal.ReadAllInputAsync(cancellationToken));
        HomeFolder? home = null;
        var memory = MailMemory.None;
        try
        {
            home = context.OpenHome();
            memory = Recall(home);
            var output = "{}";
            if (MailNotice.IsDue(hook, memory, context.Time.GetUtcNow()))
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(_patience);
                (output, memory) = MailNotice.Of(hook, await UnreadAsync(context, patience.Token), memory, context.Time.GetUtcNow());
                Remember(home, memory);
            }

            context.Terminal.WriteJson(output);
            return 0;
        }
        catch (Exception exception) when (exception is ParleyException or IOException or OperationCanceledException or UnauthorizedAccessException)
        {
            if (home is not null)
            {
                Remember(home, memory with { LookedAt = context.Time.GetUtcNow() });
            }

            // Said when a session begins; later on it would be said again and again.
            if (hook.Name is not ("SessionStart" or ""))
            {
                context.Terminal.WriteJson("{}");
                return 0;
            }

            context.Terminal.Note($"parley: no news of mail: {(exception is ParleyException refusal ? refusal.Message : "the hub does not answer")}");
            return 1;
        }
    }

    private static async Task<IReadOnlyList<MailboxView>> UnreadAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        using var answer = await home.Link.CallAsync("mailbox.list", "{}"u8.ToArray(), cancellationToken);
        return answer.Deserialize(MailboxJson.Default.PageMailboxView)!.Data;
    }

    private static MailMemory Recall(HomeFolder home)
    {
        try
        {
            return home.ReadSecret(MemoryName) is { } bytes && JsonSerializer.Deserialize(bytes, MailMemoryJson.Default.MailMemory) is { Told: not null } memory ? memory : MailMemory.None;
        }
        catch (Exception exception) when (exception is JsonException or ParleyException)
        {
            return MailMemory.None;
        }
    }

    private static void Remember(HomeFolder home, MailMemory memory)
    {
        try
        {
            home.WriteSecret(MemoryName, JsonSerializer.SerializeToUtf8Bytes(memory, MailMemoryJson.Default.MailMemory));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ParleyException)
        {
            // Told twice is better than not at all.
        }
    }
}
