namespace Parley.WebRtc.Sdp;

/// <summary>A media line of an offer that we do not take, such as audio: the answer repeats it with port 0 (RFC 3264, section 6).</summary>
/// <param name="Kind">audio, video, ...</param>
/// <param name="Protocol">Its transport.</param>
/// <param name="Formats">What stands behind it.</param>
/// <param name="Mid">Its name; null without one.</param>
public sealed record SdpOtherMedia(string Kind, string Protocol, string Formats, string? Mid);
