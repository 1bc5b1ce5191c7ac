using System.Text.Json.Serialization;

namespace Parley.Gateway.OpenAi;

/// <summary>The content of a message: one text, or texts and pictures in order.</summary>
/// <param name="Parts">In order. A single text is written as a JSON string, as every server reads it; everything else as a list.</param>
[JsonConverter(typeof(ChatContentConverter))]
public sealed record ChatContent(IReadOnlyList<ChatPart> Parts)
{
    /// <summary>All that is text.</summary>
    public string Text => string.Concat(Parts.OfType<ChatPart.Words>().Select(part => part.Text));

    /// <summary>Characters of text, for estimates.</summary>
    public long Length => Parts.OfType<ChatPart.Words>().Sum(part => (long)part.Text.Length);

    /// <summary>Whether there is a picture among the parts.</summary>
    public bool HasImages => Parts.Any(part => part is ChatPart.Image);

    /// <summary>A text alone; null for none.</summary>
    public static implicit operator ChatContent?(string? text) => FromString(text);

    /// <summary>A text alone; null for none.</summary>
    public static ChatContent? FromString(string? text) => text is null ? null : new ChatContent([new ChatPart.Words(text)]);

    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"ChatContent({Parts.Count} parts)";
}

/// <summary>One part of a message's content.</summary>
public abstract record ChatPart
{
    /// <summary>Text.</summary>
    /// <param name="Text">The text.</param>
    public sealed record Words(string Text) : ChatPart
    {
        /// <summary>The size alone: content stays out of logs.</summary>
        public override string ToString() => $"Words({Text.Length} characters)";
    }

    /// <summary>A picture: by its address, or as data.</summary>
    /// <param name="Url">Where it lies, http or https; null when it is here.</param>
    /// <param name="MediaType">Its media type.</param>
    /// <param name="Data">The bytes; empty when it lies elsewhere.</param>
    public sealed record Image(string? Url, string MediaType, ReadOnlyMemory<byte> Data) : ChatPart
    {
        /// <summary>The size alone: content stays out of logs.</summary>
        public override string ToString() => $"Image({Data.Length} B)";
    }
}
