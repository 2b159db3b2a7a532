<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko_KR" sourcelanguage="en">
    <context>
        <name>Kiosk</name>
        <message>
            <source>Kiosk</source>
            <translation>안내기</translation>
        </message>
        <message>
            <source>한국어</source>
            <translation>English</translation>
        </message>
        <message>
            <source>Switch the screen to Korean</source>
            <translation>화면을 영어로 바꾸기</translation>
        </message>
        <message>
            <source>Hello.
Shall I see who you are?</source>
            <translation>안녕하세요.
누구신지 알아볼까요?</translation>
        </message>
        <message>
            <source>Hello. Who are you?</source>
            <translation>안녕하세요. 누구신가요?</translation>
        </message>
        <message>
            <source>I recognise people who are enrolled here, by face and voice together.</source>
            <translation>이곳에 등록된 분을 얼굴과 목소리로 함께 알아봅니다.</translation>
        </message>
        <message>
            <source>Camera and mic are on.</source>
            <translation>카메라·마이크 켜짐</translation>
        </message>
        <message>
            <source>Nothing leaves here.</source>
            <translation>정보는 나가지 않아요.</translation>
        </message>
        <message>
            <source>A camera and a microphone are on.</source>
            <translation>카메라와 마이크가 켜져 있습니다.</translation>
        </message>
        <message>
            <source>Nothing leaves this machine.</source>
            <translation>정보는 이 기기 밖으로 나가지 않습니다.</translation>
        </message>
        <message>
            <source>Age, gender and mood are not estimated.</source>
            <translation>나이·성별·감정은 추정하지 않습니다.</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>시작</translation>
        </message>
        <message>
            <source>Step in front of the camera, or press Start.</source>
            <translation>카메라 앞에 서거나 시작을 누르세요.</translation>
        </message>
        <message>
            <source>Getting ready …</source>
            <translation>준비하고 있습니다 …</translation>
        </message>
        <message>
            <source>Please look at the camera</source>
            <translation>카메라를 봐 주세요</translation>
        </message>
        <message>
            <source>That is good. Hold on a moment.</source>
            <translation>좋습니다. 잠시만요.</translation>
        </message>
        <message>
            <source>Good pictures: {good} of {needed}</source>
            <translation>잘 나온 사진 {needed}장 중 {good}장</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>취소</translation>
        </message>
        <message>
            <source>Please read this aloud</source>
            <translation>아래 글을 소리 내어 읽어 주세요</translation>
        </message>
        <message>
            <source>About {seconds} more seconds of speech</source>
            <translation>앞으로 약 {seconds}초 더 말씀해 주세요</translation>
        </message>
        <message>
            <source>About one more second of speech</source>
            <translation>앞으로 약 1초 더 말씀해 주세요</translation>
        </message>
        <message>
            <source>Thank you, that is enough.</source>
            <translation>고맙습니다. 충분합니다.</translation>
        </message>
        <message>
            <source>By voice only</source>
            <translation>목소리로만 하기</translation>
        </message>
        <message>
            <source>Go on without speaking</source>
            <translation>말하지 않고 계속</translation>
        </message>
        <message>
            <source>Skip speaking</source>
            <translation>말하지 않기</translation>
        </message>
        <message>
            <source>About {seconds} s more</source>
            <translation>앞으로 약 {seconds}초</translation>
        </message>
        <message>
            <source>Good to see you. I am here today, in my usual voice.</source>
            <translation>만나서 반갑습니다. 오늘도 평소 목소리로 천천히 인사드립니다.</translation>
        </message>
        <message>
            <source>The morning is clear, and the door opens when I arrive.</source>
            <translation>맑고 조용한 아침입니다. 제가 도착하면 문이 열립니다.</translation>
        </message>
        <message>
            <source>I walked along the river, and now I have arrived.</source>
            <translation>강가를 따라 걸어서 지금 막 도착했습니다.</translation>
        </message>
        <message>
            <source>Loudness of your voice</source>
            <translation>목소리 크기</translation>
        </message>
        <message>
            <source>One moment, please</source>
            <translation>잠시만 기다려 주세요</translation>
        </message>
        <message>
            <source>Comparing with the people enrolled here.</source>
            <translation>등록된 분들과 비교하고 있습니다.</translation>
        </message>
        <message>
            <source>Welcome,</source>
            <translation>어서 오세요.</translation>
        </message>
        <message>
            <source>{name}</source>
            <translation>{name} 님</translation>
        </message>
        <message>
            <source>Very sure</source>
            <translation>매우 확실함</translation>
        </message>
        <message>
            <source>Sure</source>
            <translation>확실함</translation>
        </message>
        <message>
            <source>Fairly sure</source>
            <translation>꽤 확실함</translation>
        </message>
        <message>
            <source>Face</source>
            <translation>얼굴</translation>
        </message>
        <message>
            <source>Voice</source>
            <translation>목소리</translation>
        </message>
        <message>
            <source>agrees</source>
            <translation>일치</translation>
        </message>
        <message>
            <source>not clear</source>
            <translation>불분명</translation>
        </message>
        <message>
            <source>disagrees</source>
            <translation>불일치</translation>
        </message>
        <message>
            <source>not used</source>
            <translation>사용 안 함</translation>
        </message>
        <message>
            <source>Not me</source>
            <translation>제가 아닙니다</translation>
        </message>
        <message>
            <source>This is not me</source>
            <translation>제가 아닙니다</translation>
        </message>
        <message>
            <source>Finish</source>
            <translation>마침</translation>
        </message>
        <message>
            <source>I do not recognise you</source>
            <translation>누구신지 알아보지 못했습니다</translation>
        </message>
        <message>
            <source>Please ask a member of staff; they will gladly help.</source>
            <translation>직원에게 말씀해 주세요. 기꺼이 도와드립니다.</translation>
        </message>
        <message>
            <source>Face and voice do not fit together</source>
            <translation>얼굴과 목소리가 서로 다릅니다</translation>
        </message>
        <message>
            <source>Perhaps somebody else spoke. Please try again alone, or ask staff.</source>
            <translation>다른 분이 말씀하셨을 수 있습니다. 혼자 다시 하시거나 직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>You resemble more than one person here. Please try again, or ask staff.</source>
            <translation>비슷한 분이 여럿 있습니다. 다시 하시거나 직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>다시 하기</translation>
        </message>
        <message>
            <source>That did not work yet</source>
            <translation>아직 확인하지 못했습니다</translation>
        </message>
        <message>
            <source>I could not see or hear you well enough.</source>
            <translation>얼굴이나 목소리를 충분히 확인하지 못했습니다.</translation>
        </message>
        <message>
            <source>Sorry about that</source>
            <translation>죄송합니다</translation>
        </message>
        <message>
            <source>The result is cleared. Please ask a member of staff, or try again.</source>
            <translation>결과를 지웠습니다. 직원에게 말씀하시거나 다시 해 주세요.</translation>
        </message>
        <message>
            <source>I am sorry, I need a short break</source>
            <translation>죄송합니다. 잠시 멈췄습니다</translation>
        </message>
        <message>
            <source>Sorry, a short break</source>
            <translation>잠시 멈췄습니다</translation>
        </message>
        <message>
            <source>Please ask a member of staff.</source>
            <translation>직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>For staff</source>
            <translation>직원용</translation>
        </message>
        <message>
            <source>I cannot hear at the moment; your face is enough.</source>
            <translation>지금은 들을 수 없습니다. 얼굴만으로도 됩니다.</translation>
        </message>
        <message>
            <source>By face alone just now</source>
            <translation>지금은 얼굴만 봅니다</translation>
        </message>
        <message>
            <source>Partly out of order</source>
            <translation>일부가 고장입니다</translation>
        </message>
        <message>
            <source>A part of me is not working; I go on as well as I can.</source>
            <translation>일부가 작동하지 않지만 계속할 수 있습니다.</translation>
        </message>
        <message>
            <source>Are you still there?</source>
            <translation>아직 계신가요?</translation>
        </message>
        <message>
            <source>This screen is cleared in {seconds} s.</source>
            <translation>{seconds}초 뒤 화면을 지웁니다.</translation>
        </message>
        <message>
            <source>I need more time</source>
            <translation>시간이 더 필요해요</translation>
        </message>
        <message>
            <source>Move buttons up</source>
            <translation>버튼 위로</translation>
        </message>
        <message>
            <source>Move buttons down</source>
            <translation>버튼 아래로</translation>
        </message>
        <message>
            <source>Mirror picture of the camera</source>
            <translation>거울처럼 보이는 카메라 화면</translation>
        </message>
        <message>
            <source>Please step in front of the camera</source>
            <translation>카메라 앞에 서 주세요</translation>
        </message>
        <message>
            <source>One person at a time, please</source>
            <translation>한 분씩 서 주세요</translation>
        </message>
        <message>
            <source>Please come a little closer</source>
            <translation>조금 더 가까이 와 주세요</translation>
        </message>
        <message>
            <source>Please move to the middle</source>
            <translation>가운데로 와 주세요</translation>
        </message>
        <message>
            <source>Please look straight at the camera</source>
            <translation>카메라를 똑바로 봐 주세요</translation>
        </message>
        <message>
            <source>Please uncover your face</source>
            <translation>얼굴이 보이게 해 주세요</translation>
        </message>
        <message>
            <source>It is too dark; please turn to the light</source>
            <translation>어두워요. 밝은 쪽을 봐 주세요</translation>
        </message>
        <message>
            <source>It is too bright; please turn from the light</source>
            <translation>너무 밝아요. 빛을 등지지 말고 살짝 돌아 주세요</translation>
        </message>
        <message>
            <source>Please hold still for a moment</source>
            <translation>잠시 움직이지 말아 주세요</translation>
        </message>
        <message>
            <source>Please speak now</source>
            <translation>지금 말씀해 주세요</translation>
        </message>
        <message>
            <source>A little louder, please</source>
            <translation>조금 더 크게 말씀해 주세요</translation>
        </message>
        <message>
            <source>A little softer, please</source>
            <translation>조금 더 작게 말씀해 주세요</translation>
        </message>
        <message>
            <source>It is noisy here; please come closer</source>
            <translation>주위가 시끄러워요. 가까이 와 주세요</translation>
        </message>
        <message>
            <source>Please keep speaking</source>
            <translation>계속 말씀해 주세요</translation>
        </message>
        <message>
            <source>No camera or microphone is found.</source>
            <translation>카메라나 마이크를 찾을 수 없습니다.</translation>
        </message>
        <message>
            <source>Plug it in, and check camera and microphone in the settings.</source>
            <translation>연결한 뒤 설정에서 카메라와 마이크를 확인하세요.</translation>
        </message>
        <message>
            <source>Another program holds the camera or microphone.</source>
            <translation>다른 프로그램이 카메라나 마이크를 쓰고 있습니다.</translation>
        </message>
        <message>
            <source>Close the other program.</source>
            <translation>그 프로그램을 닫으세요.</translation>
        </message>
        <message>
            <source>The system forbids the camera or microphone.</source>
            <translation>시스템이 카메라나 마이크 사용을 막고 있습니다.</translation>
        </message>
        <message>
            <source>Allow it in the system's privacy settings.</source>
            <translation>시스템의 개인정보 설정에서 허용하세요.</translation>
        </message>
        <message>
            <source>The camera or microphone delivers nothing.</source>
            <translation>카메라나 마이크에서 신호가 오지 않습니다.</translation>
        </message>
        <message>
            <source>Unplug it, plug it in again, and check its cable.</source>
            <translation>뽑았다가 다시 꽂고 케이블을 확인하세요.</translation>
        </message>
        <message>
            <source>The network stream broke off.</source>
            <translation>네트워크 영상이 끊겼습니다.</translation>
        </message>
        <message>
            <source>Check the network and the sender.</source>
            <translation>네트워크와 보내는 쪽을 확인하세요.</translation>
        </message>
        <message>
            <source>A device went away and is being tried again.</source>
            <translation>장치 연결이 끊겨 다시 연결하고 있습니다.</translation>
        </message>
        <message>
            <source>Check its cable; the kiosk goes on by itself.</source>
            <translation>케이블을 확인하세요. 연결되면 저절로 이어집니다.</translation>
        </message>
        <message>
            <source>The recording or stream has ended.</source>
            <translation>녹화나 스트림이 끝났습니다.</translation>
        </message>
        <message>
            <source>Start the kiosk again.</source>
            <translation>안내기를 다시 시작하세요.</translation>
        </message>
        <message>
            <source>The camera or microphone does not work.</source>
            <translation>카메라나 마이크가 작동하지 않습니다.</translation>
        </message>
        <message>
            <source>Check camera and microphone in the settings.</source>
            <translation>설정에서 카메라와 마이크를 확인하세요.</translation>
        </message>
        <message>
            <source>A recording cannot be used.</source>
            <translation>녹화 파일을 쓸 수 없습니다.</translation>
        </message>
        <message>
            <source>Choose another recording.</source>
            <translation>다른 녹화 파일을 고르세요.</translation>
        </message>
        <message>
            <source>A model file is missing or damaged.</source>
            <translation>모델 파일이 없거나 손상되었습니다.</translation>
        </message>
        <message>
            <source>Run: kiosk models list</source>
            <translation>실행: kiosk models list</translation>
        </message>
        <message>
            <source>A setting is not valid.</source>
            <translation>설정 값이 올바르지 않습니다.</translation>
        </message>
        <message>
            <source>Run: kiosk doctor</source>
            <translation>실행: kiosk doctor</translation>
        </message>
        <message>
            <source>The key does not open the gallery.</source>
            <translation>열쇠로 갤러리를 열 수 없습니다.</translation>
        </message>
        <message>
            <source>Put the right key file in its place.</source>
            <translation>맞는 열쇠 파일을 제자리에 두세요.</translation>
        </message>
        <message>
            <source>The gallery belongs to a newer version.</source>
            <translation>갤러리가 더 새로운 버전의 것입니다.</translation>
        </message>
        <message>
            <source>Install the newer version of the program.</source>
            <translation>새 버전의 프로그램을 설치하세요.</translation>
        </message>
        <message>
            <source>The gallery cannot be written.</source>
            <translation>갤러리에 쓸 수 없습니다.</translation>
        </message>
        <message>
            <source>Check the permissions of its folder.</source>
            <translation>폴더의 권한을 확인하세요.</translation>
        </message>
        <message>
            <source>The disk is full.</source>
            <translation>디스크가 가득 찼습니다.</translation>
        </message>
        <message>
            <source>Make room on the disk.</source>
            <translation>디스크 공간을 비우세요.</translation>
        </message>
        <message>
            <source>The gallery cannot be used.</source>
            <translation>갤러리를 쓸 수 없습니다.</translation>
        </message>
        <message>
            <source>An internal error.</source>
            <translation>내부 오류입니다.</translation>
        </message>
        <message>
            <source>Restart the kiosk and report the code.</source>
            <translation>안내기를 다시 켜고 코드를 알려 주세요.</translation>
        </message>
        <message>
            <source>Administration</source>
            <translation>관리</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>닫기</translation>
        </message>
        <message>
            <source>Choose an administrator passphrase</source>
            <translation>관리자 암호를 정해 주세요</translation>
        </message>
        <message>
            <source>At least {length} characters. Keep it safe: it cannot be looked up later.</source>
            <translation>{length}자 이상. 나중에 다시 볼 수 없으니 잘 보관하세요.</translation>
        </message>
        <message>
            <source>Administrator passphrase</source>
            <translation>관리자 암호</translation>
        </message>
        <message>
            <source>Passphrase</source>
            <translation>암호</translation>
        </message>
        <message>
            <source>The same once more</source>
            <translation>한 번 더 입력</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>열기</translation>
        </message>
        <message>
            <source>That is not the passphrase.</source>
            <translation>암호가 다릅니다.</translation>
        </message>
        <message>
            <source>Too many tries. Please wait {seconds} s.</source>
            <translation>여러 번 틀렸습니다. {seconds}초 기다려 주세요.</translation>
        </message>
        <message>
            <source>Too short: at least {length} characters.</source>
            <translation>너무 짧습니다. {length}자 이상이어야 합니다.</translation>
        </message>
        <message>
            <source>The two are not the same.</source>
            <translation>두 암호가 서로 다릅니다.</translation>
        </message>
        <message>
            <source>People</source>
            <translation>등록자</translation>
        </message>
        <message>
            <source>{shown} of {all} people</source>
            <translation>전체 {all}명 중 {shown}명</translation>
        </message>
        <message>
            <source>Nobody is enrolled yet.</source>
            <translation>아직 등록된 사람이 없습니다.</translation>
        </message>
        <message>
            <source>Search by name</source>
            <translation>이름으로 찾기</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>이름</translation>
        </message>
        <message>
            <source>Enrolled</source>
            <translation>등록일</translation>
        </message>
        <message>
            <source>Choose somebody in the table.</source>
            <translation>표에서 사람을 고르세요.</translation>
        </message>
        <message>
            <source>Templates: {face} face, {voice} voice</source>
            <translation>템플릿: 얼굴 {face}개, 목소리 {voice}개</translation>
        </message>
        <message>
            <source>Enrolled on {date}</source>
            <translation>{date} 등록</translation>
        </message>
        <message>
            <source>History</source>
            <translation>이력</translation>
        </message>
        <message>
            <source>{date} · {kind} · {face} face, {voice} voice</source>
            <translation>{date} · {kind} · 얼굴 {face}, 목소리 {voice}</translation>
        </message>
        <message>
            <source>enrolled</source>
            <translation>등록</translation>
        </message>
        <message>
            <source>added to</source>
            <translation>추가</translation>
        </message>
        <message>
            <source>re-registered</source>
            <translation>재등록</translation>
        </message>
        <message>
            <source>rolled back</source>
            <translation>되돌림</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>이름 바꾸기</translation>
        </message>
        <message>
            <source>A new name for {name}</source>
            <translation>{name} 님의 새 이름</translation>
        </message>
        <message>
            <source>Roll back</source>
            <translation>되돌리기</translation>
        </message>
        <message>
            <source>Undo the last re-registration of {name}?</source>
            <translation>{name} 님의 마지막 재등록을 되돌릴까요?</translation>
        </message>
        <message>
            <source>What it brought is deleted; what it replaced is used again.</source>
            <translation>재등록한 것은 지우고 이전 것을 다시 씁니다.</translation>
        </message>
        <message>
            <source>Delete</source>
            <translation>삭제</translation>
        </message>
        <message>
            <source>Delete {name}?</source>
            <translation>{name} 님을 삭제할까요?</translation>
        </message>
        <message>
            <source>All templates, the history and the decisions go as well. This cannot be undone.</source>
            <translation>템플릿과 이력, 판정 기록도 함께 지워집니다. 되돌릴 수 없습니다.</translation>
        </message>
        <message>
            <source>Deleted</source>
            <translation>삭제했습니다</translation>
        </message>
        <message>
            <source>Number {number} · {date} · {count} templates overwritten</source>
            <translation>번호 {number} · {date} · 템플릿 {count}개를 덮어써 지움</translation>
        </message>
        <message>
            <source>Keep</source>
            <translation>그대로 두기</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>저장</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>확인</translation>
        </message>
        <message>
            <source>That did not work</source>
            <translation>처리하지 못했습니다</translation>
        </message>
        <message>
            <source>Estimates</source>
            <translation>추정</translation>
        </message>
        <message>
            <source>Estimated mood: {said}</source>
            <translation>추정 감정: {said}</translation>
        </message>
        <message>
            <source>Estimated age: {said}</source>
            <translation>추정 나이: {said}</translation>
        </message>
        <message>
            <source>Estimated gender: {said}</source>
            <translation>추정 성별: {said}</translation>
        </message>
        <message>
            <source>not sure</source>
            <translation>확실하지 않음</translation>
        </message>
        <message>
            <source>{low}–{high}</source>
            <translation>{low}–{high}세</translation>
        </message>
        <message>
            <source>age {low}–{high}</source>
            <translation>{low}–{high}세</translation>
        </message>
        <message>
            <source>mood: unsure</source>
            <translation>감정: 불확실</translation>
        </message>
        <message>
            <source>age: unsure</source>
            <translation>나이: 불확실</translation>
        </message>
        <message>
            <source>gender: unsure</source>
            <translation>성별: 불확실</translation>
        </message>
        <message>
            <source>{emotion}: {percent}</source>
            <translation>{emotion} 추정 {percent}</translation>
        </message>
        <message>
            <source>happiness</source>
            <translation>기쁨</translation>
        </message>
        <message>
            <source>anger</source>
            <translation>분노</translation>
        </message>
        <message>
            <source>disgust</source>
            <translation>혐오</translation>
        </message>
        <message>
            <source>fear</source>
            <translation>두려움</translation>
        </message>
        <message>
            <source>neutral</source>
            <translation>중립</translation>
        </message>
        <message>
            <source>sadness</source>
            <translation>슬픔</translation>
        </message>
        <message>
            <source>surprise</source>
            <translation>놀람</translation>
        </message>
        <message>
            <source>male</source>
            <translation>남성</translation>
        </message>
        <message>
            <source>female</source>
            <translation>여성</translation>
        </message>
        <message>
            <source>Age, gender and mood are estimated.</source>
            <translation>나이·성별·감정을 추정합니다.</translation>
        </message>
        <message>
            <source>Age and gender are estimated.</source>
            <translation>나이·성별을 추정합니다.</translation>
        </message>
        <message>
            <source>Age and mood are estimated.</source>
            <translation>나이·감정을 추정합니다.</translation>
        </message>
        <message>
            <source>Age is estimated.</source>
            <translation>나이를 추정합니다.</translation>
        </message>
        <message>
            <source>Gender and mood are estimated.</source>
            <translation>성별·감정을 추정합니다.</translation>
        </message>
        <message>
            <source>Gender is estimated.</source>
            <translation>성별을 추정합니다.</translation>
        </message>
        <message>
            <source>Mood is estimated.</source>
            <translation>감정을 추정합니다.</translation>
        </message>
    </context>
</TS>
