namespace Parley.Gateway.OpenAi;

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
