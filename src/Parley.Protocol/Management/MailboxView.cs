using System.Text.Json.Serialization;

namespace Parley.Protocol.Management;

/// <summary>One envelope that waits in a mailbox, without its content.</summary>
/// <param name="From">Who sent it.</param>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><c>request</c> or <c>reply</c>.</param>
/// <param name="Type">text, command, file, rpc or auto.</param>
/// <param name="Thread">The conversation; empty for none.</param>
/// <param name="Correlation">For a reply the id that it answers.</param>
/// <param name="Held">Whether it waits until its sender is accepted.</param>
/// <param name="Size">Bytes of its body.</param>
/// <param name="AcceptedAt">When the hub took it.</param>
/// <param name="ExpiresAt">When it will be given up.</param>
public sealed record MailboxView(
    string From, string Id, string Kind, string Type, string Thread, string Correlation, bool Held, int Size, DateTimeOffset AcceptedAt, DateTimeOffset ExpiresAt);

/// <summary>One thing that became of an envelope.</summary>
/// <param name="State">accepted, held, delivered, read, answered, refused, expired, failed or unknown.</param>
/// <param name="At">When.</param>
/// <param name="To">Its receiver.</param>
/// <param name="Code">An error code's wire name, for what went wrong.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record ReceiptView(string State, DateTimeOffset At, string To, string? Code, string? Message);

/// <summary>Which envelope is asked about.</summary>
/// <param name="Id">Its id.</param>
public sealed record ReceiptArguments(string Id);

/// <summary>JSON of the mailbox operations.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Page<MailboxView>))]
[JsonSerializable(typeof(Page<ReceiptView>))]
[JsonSerializable(typeof(ReceiptArguments))]
public sealed partial class MailboxJson : JsonSerializerContext;
